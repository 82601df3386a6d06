#pragma once

#include <map>
#include <string>
#include <string_view>

#include "convscope/models/checkpoint.h"

namespace convscope {

/**
 * A network of somebody else: named tensors onto the graph of one of our models.
 *
 * Our parameters carry the names that PyTorch's own zoo uses, so most tensors find their place by name. Forgiven are whatever prefix the
 * wanted names have because the network was wrapped (`module.`, `1.`, `attacker.model.`), copies of them under another prefix, a classifier
 * that is kept apart (`backbone.…` and `head.fc.…`), counters that nothing reads (`num_batches_tracked`, `n_averaged`), and
 * other words for the same part (`fc` and `linear`, `shortcut` and `downsample`). Whatever else does not match is one error that lists
 * the first few of each kind: missing, of another shape, belonging nowhere.
 */

/** Whether `path` is named like a PyTorch state dict (.pt, .pth, .th, .pth.tar, .ckpt), or begins like one whatever its name. */
bool is_torch_file(const Path& path);

/** Whether the file holds such named tensors and no network of ours: a PyTorch file, or a .safetensors file of somebody else. */
bool is_state_dict(const Path& path);

/** The named tensors of a PyTorch file or of a .safetensors file that holds no network of ours. */
std::map<std::string, Tensor> read_state_dict(const Path& path);

/** The checkpoint has the classes "0" to "Y-1" and no origin yet; `whose` opens the messages. */
Checkpoint adopt(Graph graph, std::map<std::string, Tensor> tensors, std::string_view whose);

}  // namespace convscope
