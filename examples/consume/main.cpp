// Names a network as a user would, makes probabilities of its logits, and keeps them in a file.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "convscope/base/fields.h"
#include "convscope/tensor/safetensors.h"

int main() {
  using namespace convscope;
  try {
    const Choice choice = parse_choice("resnet20,shortcut=identity");
    const Tensor probabilities = softmax(Tensor({2, 3}, {1, 2, 3, 0, 0, 0}));

    const Path folder = std::filesystem::temp_directory_path() / fmt::format("convscope-consume-{}", ::getpid());
    make_folder(folder);
    write_safetensors(folder / "probabilities.safetensors", {{{"p", probabilities}}, {{"model", choice.name}}});
    const TensorFile back = read_safetensors(folder / "probabilities.safetensors");
    std::filesystem::remove_all(folder);

    require(max_difference(back.tensors.at("p"), probabilities) == 0, "the file does not hold what was written");
    fmt::print("{} with shortcut {}: class {} of image 0 at {:.2f}\n", back.metadata.at("model"),
               choice.options["shortcut"].get<std::string>(), argmax(probabilities.row(0)), max_abs(probabilities.row(0)));
  } catch (const Error& e) {
    std::fprintf(stderr, "consume: %s\n", e.what());
    return 1;
  }
}
