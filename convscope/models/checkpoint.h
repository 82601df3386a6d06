#pragma once

#include <map>

#include "convscope/graph/graph.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {

/**
 * A network in a file, with all that is needed to use it or to train it further.
 *
 * Goals: one .safetensors file that appears whole or not at all; equal content, equal bytes; any reader of safetensors sees the
 * parameters by their names. The graph is in the file, so the program that reads it need not know the model.
 * Non-goals: code in files; several networks in one.
 *
 *   tensors   the parameters by name; `state/…` what a trainer added
 *   metadata  convscope_format, graph (JSON), classes (JSON list), model, notes (JSON); `state/…` what a trainer added
 */
struct Checkpoint {
  Graph graph;                            // for one image, as a model builds it
  std::vector<std::string> classes;       // names, in the order of the logits
  std::string model;                      // where it came from: "resnet20,shortcut=identity"; nothing is made from it again
  Json notes = json_object();             // about data and preprocessing, for people
  std::map<std::string, Tensor> tensors;  // one for each parameter of the graph
  TensorFile state;                       // what a trainer wants to find again when it resumes; empty in a finished network
};

/** Whole or not at all. A checkpoint that `load_checkpoint` would refuse is refused here, with the same words. */
void save_checkpoint(const Path& path, const Checkpoint& checkpoint);

/** From a .safetensors file of ours; every part is checked against the others, and an error is one line that names the file. */
Checkpoint load_checkpoint(const Path& path);
/** The same from memory; `whose` opens the messages. */
Checkpoint parse_checkpoint(std::string_view bytes, std::string_view whose);

/** From a run folder (its `model.safetensors`, the last state) or a .safetensors file. */
Checkpoint load_network(const Path& path);

/** Which parameters of the graph are missing among `tensors`, of another shape, or too many: an error that names the first few. */
void check_parameters(const Graph& graph, const std::map<std::string, Tensor>& tensors, std::string_view whose);

/** An error where a number among them is NaN or infinite: layers such as max-pools would hide it, and the network still answer. */
void check_finite(const std::map<std::string, Tensor>& tensors, std::string_view whose);

}  // namespace convscope
