#include "convscope/report/evaluation/fourier_section.h"

#include <cmath>

#include "convscope/report/draw/line_plot.h"
#include "convscope/report/evaluation/fourier_figure.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

std::string said(double share) { return std::isfinite(share) ? percent_text(100 * share) : "–"; }

Html ring_table(const FourierErrors& f) {
  Html rows;
  for (const FourierErrors::Ring& ring : f.rings)
    rows += html("<tr><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n", ring.radius,
                 said(ring.error), said(ring.gradient_energy));
  return html(
      "<div class=\"scroll\"><table>\n<thead><tr><th class=\"number\">waves across the picture</th><th class=\"number\">wrong</th>"
      "<th class=\"number\">gradient's energy</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      rows);
}

}  // namespace

bool FourierSection::applies(const Path& folder) const { return std::filesystem::exists(folder / kFourier); }

std::string FourierSection::title(const Path& folder) const { return network_on_data(read_result(folder / kFourier)); }

SectionContent FourierSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  for (const RunFolder& run : runs) {
    const FourierErrors f = read_record<FourierRecord>(run.path / kFourier).fourier;
    const Figure figure = fourier_figure(f, "Noise of each frequency");
    Html body;
    if (f.done < f.total) body += html("<p>{} of {} frequencies are known; the same command goes on.</p>\n", f.done, f.total);
    body += html(
        "<p>To each of {} images a cosine of one frequency was added, of norm {} in each channel and with signs drawn by chance; zero "
        "frequency "
        "is in the middle. An entry is known to ± {} at most. On the right: the share of the energy of the loss's gradient that each "
        "frequency "
        "has.</p>\n",
        f.images, three_digits(f.norm), said(f.widest_interval_95));
    body += html("<figure style=\"--width:{}px\">{}</figure>\n{}", figure.width(), html_of(figure), ring_table(f));
    content.body += part_of_run(run, body);
  }
  return content;
}

}  // namespace convscope
