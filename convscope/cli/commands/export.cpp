#include "convscope/cli/commands/export.h"

#include "convscope/cli/output.h"
#include "convscope/cli/told.h"

namespace convscope {

void ExportCommand::declare(Flags& flags) {
  flags.argument("NET|MODEL", network_, fmt::format("{}; or a model's name with its options, with fresh weights", kNetworkArgument));
  flags.fields(options_);
  flags.fields(foreign_);
}

std::vector<std::string> ExportCommand::about() const {
  return {
      "An ONNX file holds what the network computes when it is not trained, in float32 and one file, for any count of images; the output "
      "is "
      "called logits (convscope.logits where a node of the network is). It is read again and compared before it is written. Class names "
      "and where the network came from are in the "
      "metadata."};
}

ExitStatus ExportCommand::run(const Session& session) {
  const Setting setting = session.setting();
  const Exported done = export_network(told(open_or_make_network(network_.front(), foreign_, setting.seed)), options_, setting);
  if (session.common.json) {
    print_json(fields_to_json(done));
    return ExitStatus::done;
  }
  std::string text;
  for (const auto& f : done.files) text += fmt::format("{}: {}, {}\n", f.file, f.kind, bytes_text(f.bytes));
  if (!options_.onnx.empty()) text += fmt::format("read again, its logits differ by at most {:.1e} of the largest\n", done.difference);
  print(text);
  return ExitStatus::done;
}

std::vector<FieldHelp> ExportCommand::json_keys() const { return help<Exported>(); }

}  // namespace convscope
