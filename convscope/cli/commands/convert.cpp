#include "convscope/cli/commands/convert.h"

#include "convscope/base/text.h"
#include "convscope/cli/output.h"
#include "convscope/cli/told.h"

namespace convscope {

namespace {

std::string shown(const Conversion& c) {
  TextTable table({"place", "was", "now", "rows × columns", "multiply-adds", "now"}, {4, 5});
  for (const Conversion::Place& p : c.places)
    table.row({p.node, p.was, p.now, fmt::format("{} × {}", p.rows_columns[0], p.rows_columns[1]), grouped(p.macs_before),
               grouped(p.macs_after)});
  std::string text = table.text();
  text += fmt::format("\nmultiply-adds of an image: {}, before {} ({:+.1f} %); {} parameters as before\n", grouped(c.macs_after),
                      grouped(c.macs_before), 100 * c.added(), grouped(c.parameters));
  for (const std::string& remark : c.remarks) text += remark + "\n";
  return text + fmt::format("{}: the weights are the old ones; a short training (train --from) makes them fit\n", c.file);
}

}  // namespace

void ConvertCommand::declare(Flags& flags) {
  flags.argument("NET|MODEL", network_, fmt::format("{}; or a model's name with its options, with fresh weights", kNetworkArgument));
  flags.fields(options_);
  flags.fields(foreign_);
}

std::vector<std::string> ConvertCommand::about() const {
  return {
      "Where a convolution or pool drops samples it gets stride 1 and a filter that drops them without, or with less, aliasing. Weights "
      "stay "
      "as they are; what is written can be used and trained on like any network.",
      "blur:4 is BlurPool (Zhang 2019), flc and asap are low passes in the spectrum (Grabinski et al.), aps is adaptive polyphase sampling "
      "(Chaman and Dokmanić 2021), which makes all padding go round too. `convscope list downsamplings` has all of them."};
}

ExitStatus ConvertCommand::run(const Session& session) {
  check_options([&] { check_conversion(options_); });
  const Conversion done = convert_network(told(open_or_make_network(network_.front(), foreign_, session.setting().seed)), options_);
  if (session.common.json) {
    print_json(fields_to_json(done));
  } else {
    print(shown(done));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> ConvertCommand::json_keys() const { return help<Conversion>(); }

}  // namespace convscope
