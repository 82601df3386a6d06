#include "convscope/api/predict.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "convscope/api/provenance.h"
#include "convscope/api/shared_question.h"
#include "convscope/base/threads.h"
#include "convscope/data/sample_names.h"
#include "convscope/ranks/in_order.h"
#include "convscope/ranks/numbers_text.h"

namespace convscope {

namespace {

constexpr int64_t kMostAtOnce = 32;
constexpr size_t kTop = 5;

/** Reads files into the rows of `pixels`; what is wrong with those that cannot be read. */
std::vector<std::string> read_rows(std::span<const std::string> files, const Network& network, Fit fit, Tensor& pixels) {
  std::vector<std::string> errors(files.size());
  parallel(std::ssize(files), 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const auto place = static_cast<size_t>(n);
      try {
        const Tensor picture = read_picture(files[place], network, fit);
        std::copy_n(picture.data(), picture.size(), pixels.row(n).begin());
      } catch (const Error& e) {
        errors[place] = e.what();
      }
    }
  });
  return errors;
}

}  // namespace

Predictions predict(const Network& network, std::span<const std::string> files, Fit fit, const Setting& setting) {
  Predictions found;
  Json how{{"resize", fit == Fit::crop ? "crop" : "squash"}};
  if (network.orients()) how["orient"] = true;
  found.came_from(provenance_of(network, how, setting));
  found.data.name = "files";
  found.data.count = std::ssize(files);
  found.data.digest = digest_of_names({files.begin(), files.end()});
  require_alike_question(*setting.ranks, found);
  if (files.empty()) return found;
  Request request;
  request.batch = std::min(std::ssize(files), kMostAtOnce);
  request.precision = setting.execution.precision;
  request.engine = setting.execution.engine;
  const auto program = compile(network.graph, network.weights(), request);
  const auto files_of = [&](int64_t piece) {
    const size_t first = static_cast<size_t>(piece * kMostAtOnce);
    return files.subspan(first, std::min<size_t>(kMostAtOnce, files.size() - first));
  };
  const auto look = [&](int64_t piece) {
    const auto some = files_of(piece);
    std::vector<std::string> told = read_rows(some, network, fit, program->input(kPixels));
    program->run({});
    const Tensor confidences = softmax(program->logits());
    told.push_back(text_of(std::span<const float>(confidences.span()).first(some.size() * static_cast<size_t>(confidences.shape()[1]))));
    return packed(told);
  };
  const auto name = [&](int64_t piece, std::string_view told) {
    const auto some = files_of(piece);
    const std::vector<std::string> errors = unpacked(told);  // and behind them the confidences
    Tensor confidences({std::ssize(some), program->logits().shape()[1]});
    std::memcpy(confidences.data(), errors.back().data(), errors.back().size());
    for (size_t n = 0; n < some.size(); ++n)
      if (errors[n].empty()) tell_of_more_pictures(some[n], setting);
    for (size_t n = 0; n < some.size(); ++n) {
      if (errors[n].empty())
        found.predictions.push_back({some[n], ranked(confidences.row(static_cast<int64_t>(n)), network.classes, kTop)});
      else
        found.errors.push_back({some[n], errors[n]});
    }
  };
  in_order(*setting.ranks, (std::ssize(files) + kMostAtOnce - 1) / kMostAtOnce, look, name);
  return record_of_root(*setting.ranks, found);
}

Predictions predict(const Network& network, const Pictures& pictures, const Setting& setting) {
  check_pictures(network, pictures, Classes::any);
  Predictions found;
  found.came_from(provenance_of(network, pictures, json_object(), setting));
  NetworkSubject subject = subject_for(network, pictures, setting);
  const Tensor confidences = softmax(subject.logits(pictures.pixels()));
  for (int64_t n = 0; n < pictures.size(); ++n) {
    const auto place = static_cast<size_t>(n);
    const std::string name = pictures.files().empty() ? std::to_string(pictures.numbers()[place]) : pictures.files()[place];
    found.predictions.push_back({name, ranked(confidences.row(n), network.classes, kTop)});
  }
  return found;
}

NetworkSubject subject_for(const Network& network, const Pictures& pictures, const Setting& setting) {
  const auto room = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(1, pictures.size()))));
  return subject_of(network, setting, std::min(room, usual_batch(network.image())));
}

}  // namespace convscope
