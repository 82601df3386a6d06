#include "convscope/api/disputed_pictures.h"

#include <map>
#include <set>

#include "convscope/api/pictures.h"
#include "convscope/base/join.h"
#include "convscope/base/json_file.h"
#include "convscope/results/answers_compared.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/prediction_sheet.h"

namespace convscope {

namespace {

/** A run's answers, and the pictures that it has. */
struct Judged {
  Path run;
  DataOrigin data;
  std::vector<Answer> answers;
  std::set<int64_t> shown;
};

std::optional<Judged> judged(const Path& run) {
  const Path sheet_file = run / kPredictions / kSheetFile, answers = run / kPredictions / kAnswersFile;
  if (!std::filesystem::exists(sheet_file) || !std::filesystem::exists(answers)) return std::nullopt;
  const auto sheet = provided_record<PredictionSheet>(read_json(sheet_file), sheet_file.string());
  Judged one{run, sheet.data, parse_answers(read_file(answers, uint64_t{1} << 30), answers.string()), {}};
  for (const std::vector<SheetEntry>* list : {&sheet.first, &sheet.mistakes})
    for (const SheetEntry& entry : *list)
      if (!entry.picture.empty() && std::filesystem::exists(run / kPredictions / entry.picture)) one.shown.insert(entry.index);
  return one;
}

/** Numbers of images about which they disagree and of which none of them has a picture. */
std::vector<int64_t> lacking(const std::vector<Judged>& alike) {
  std::vector<std::vector<Answer>> networks;
  for (const Judged& one : alike) networks.push_back(one.answers);
  std::vector<int64_t> numbers;
  for (const Dispute& dispute : disputes_of(networks, kMostDisputes).first) {
    const Path kept = alike.front().run / kPredictions / disputed_picture(dispute.index);
    bool there = std::filesystem::exists(kept);
    for (const Judged& one : alike) there = there || one.shown.contains(dispute.index);
    if (!there) numbers.push_back(dispute.index);
  }
  return numbers;
}

void keep(const Judged& first, const std::vector<int64_t>& numbers, const Setting& setting) {
  const Network network = open_network(first.run.string());
  const Pictures pictures = choose_pictures(
      {.data = first.data.name, .split = first.data.split, .images = fmt::format("{}", join(numbers, ","))}, network, setting);
  for (int64_t n = 0; n < pictures.size(); ++n)
    write_png(first.run / kPredictions / disputed_picture(numbers[static_cast<size_t>(n)]), pictures.visible(n));
}

}  // namespace

void keep_disputed_pictures(std::span<const Path> runs, const Setting& setting) {
  if (runs.size() < 2) return;
  try {
    std::map<std::string, std::vector<Judged>> by_data;
    for (const Path& run : runs)
      if (auto one = judged(run)) by_data[one->data.text()].push_back(std::move(*one));
    for (const auto& [data, alike] : by_data) {
      if (alike.size() < 2) continue;
      if (const std::vector<int64_t> numbers = lacking(alike); !numbers.empty()) keep(alike.front(), numbers, setting);
    }
  } catch (const Error& e) {
    setting.tell(fmt::format("pictures of some images on which they disagree are left out: {}", e.what()));
  }
}

}  // namespace convscope
