#include "convscope/report/oscillations/oscillations_section.h"

#include <cmath>

#include "convscope/report/oscillations/oscillation_figures.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr std::string_view kOscillationsStyle = R"css(
.oscillating { max-width: 36rem; margin-bottom: 1.75rem; }
.performing { max-width: 58rem; margin-bottom: 1.75rem; }
)css";

std::string share_cell(double share) { return std::isfinite(share) ? fmt::format("{:.2f} %", 100 * share) : "–"; }

Html networks_table(const OscillationsRecord& record) {
  Html rows;
  for (const OscillationNetwork& n : record.networks) {
    if (n.epochs == 0) continue;
    rows += html(
        "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td "
        "class=\"number\">{}</td><td "
        "class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
        n.arch, n.parameters, n.noise, share_cell(n.published), share_cell(n.accuracy), share_cell(n.last_accuracy),
        share_cell(n.fresh_accuracy), n.epochs);
  }
  if (rows.empty()) return {};
  return html(
      "<div class=\"scroll\"><table><thead><tr><th>network</th><th class=\"number\">parameters</th><th class=\"number\">noise</th><th "
      "class=\"number\">published</th><th class=\"number\">best epoch on the test images</th><th class=\"number\">last epoch</th><th "
      "class=\"number\">best epoch, fresh images</th><th class=\"number\">epochs</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      rows);
}

}  // namespace

bool OscillationsSection::applies(const Path& folder) const { return std::filesystem::exists(folder / kOscillationsFile); }

SectionContent OscillationsSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["records"] = json_list();
  for (const RunFolder& run : runs) {
    const OscillationsRecord record = read_oscillations(run.path);
    Html body;
    if (!record.illustration.empty())
      body += html("<figure class=\"oscillating\">{}</figure>\n", html_of(oscillation_sheet(read_npy(run.path / record.illustration))));
    if (!record.networks.empty())
      body += html(
          "<figure class=\"performing\">{}</figure>\n<p class=\"about\">The best epoch is chosen by the test images that it is then judged "
          "by, as it was published; nothing was chosen by the "
          "fresh ones.</p>\n{}",
          html_of(oscillation_performance(record)), networks_table(record));
    content.data["records"].push_back(fields_to_json(record));
    content.body += part_of_run(run, body);
  }
  return content;
}

std::string_view OscillationsSection::style() const { return kOscillationsStyle; }

}  // namespace convscope
