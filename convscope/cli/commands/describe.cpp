#include "convscope/cli/commands/describe.h"

#include "convscope/api/describe.h"
#include "convscope/base/join.h"
#include "convscope/cli/output.h"
#include "convscope/cli/told.h"
#include "convscope/models/architecture/architecture.h"

namespace convscope {

namespace {

std::string shown(const Description& d) {
  TextTable table({"layer", "kind", "output", "parameters", "multiply-adds"}, {3, 4});
  const auto number = [](int64_t n) { return n == 0 ? std::string() : grouped(n); };
  for (const LayerFacts& l : d.layers) table.row({l.name, l.kind, join(l.shape, " × "), number(l.parameters), number(l.macs)});
  table.row({"total", "", "", grouped(d.parameters), grouped(d.macs)});
  table.row({"an update of the parameters", "", "", "", grouped(d.training_macs)});
  if (d.masks > 0) table.row({"numbers in masks, not trained", "", "", grouped(d.masks), ""});
  TextTable memory({fmt::format("memory at batch {}", d.batch), "total", "weights", "activations", "weights' copies", "gradients"},
                   {1, 2, 3, 4, 5});
  for (const auto& [purpose, use] : {std::pair{"predict", d.memory.predict}, {"explain", d.memory.explain}, {"train", d.memory.train}})
    memory.row({fmt::format("  {}", purpose), bytes_text(use.total), bytes_text(use.weights), bytes_text(use.arena),
                bytes_text(use.prepared), bytes_text(use.gradients)});
  TextTable kernels({"computed by", "steps"});
  for (const auto& [purpose, uses] :
       {std::pair{"predict", &d.kernels.predict}, {"explain", &d.kernels.explain}, {"train", &d.kernels.train}}) {
    std::vector<std::string> words;
    for (const KernelUse& use : *uses) words.push_back(fmt::format("{} × {}", use.steps, use.kernel));
    kernels.row({fmt::format("  {}", purpose), join(words, ", ")});
  }
  return fmt::format("{}: pictures {}, {} classes\n\n{}\n{}\n{}", d.network.name.empty() ? "network" : d.network.name, join(d.image, " × "),
                     d.classes, table.text(), memory.text(), kernels.text());
}

}  // namespace

void DescribeCommand::declare(Flags& flags) {
  flags.argument("NET|MODEL", what_, fmt::format("{}; or a model's name or FILE.json, with its options", kNetworkArgument));
  flags.fields(foreign_);
  flags.fields(options_);
}

ExitStatus DescribeCommand::run(const Session& session) {
  const Setting setting = session.setting();
  const Network network = told(open_or_make_network(what_.front(), foreign_, setting.seed));
  if (!options_.as_file.empty()) {
    require(is_architecture_file(options_.as_file), "--as-file {}: a name that ends in .json was wanted", options_.as_file);
    const std::string text = architecture_text(what_.front(), foreign_, network);
    std::error_code ignored;
    require(!std::filesystem::exists(options_.as_file, ignored) || read_file(options_.as_file) == text,
            "--as-file {}: another file is there, and it would be lost: remove it, or name another", options_.as_file);
    write_file(options_.as_file, text);
    say(fmt::format("{}: its layers; convscope train --model {} …\n", options_.as_file, options_.as_file));
  }
  const Description d = describe(network, options_.batch, setting);
  if (session.common.json) {
    print_json(fields_to_json(d));
  } else {
    print(shown(d));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> DescribeCommand::json_keys() const { return help<Description>(); }

}  // namespace convscope
