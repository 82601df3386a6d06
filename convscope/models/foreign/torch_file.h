#pragma once

/**
 * State dicts as `torch.save` writes them, in both formats:
 *
 *   since 1.6   a zip: NAME/data.pkl (the pickle), NAME/data/KEY (a storage's numbers), NAME/version, and since 2.1 NAME/byteorder
 *   before      one stream: three pickles (a magic number, 1001, facts about the machine), the pickle, a pickled list of keys, and for
 *               each key a count in 8 bytes and the numbers
 *
 * Goal: named tensors in F32, from files that nobody vouches for. Non-goals: TorchScript, whole modules, files from big-endian machines.
 */

#include <map>
#include <string>
#include <string_view>

#include "convscope/base/file.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/**
 * The tensors of the state dict by their names. It is the saved object itself or lies in it as "state_dict", "model_state_dict", "model",
 * "net" or "network". Numbers of other kinds become the nearest F32; a tensor over strides is laid out anew; what is no tensor is passed
 * over.
 */
std::map<std::string, Tensor> read_torch_file(const Path& path);
/** Whether the file's first bytes are those of one of the two formats, whatever its name; false where it cannot be read. */
bool begins_like_torch(const Path& path);
/** The same from memory; `whose` opens the messages. */
std::map<std::string, Tensor> parse_torch_file(std::string_view bytes, std::string_view whose);

}  // namespace convscope
