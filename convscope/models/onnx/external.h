#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "convscope/base/file.h"

namespace convscope {

/**
 * Numbers that lie in a file beside the network, as PyTorch writes them since 2.9 (NET.onnx and NET.onnx.data); ONNX's ExternalData.md.
 * `count` bytes of the file called `location`, from `offset` on; an Error where it has no such ones.
 */
using OnnxBeside = std::function<std::string(std::string_view location, uint64_t offset, uint64_t count)>;

/**
 * What lies beside the file `network`. A location is a plain relative name: none that begins at the root, climbs (`..`) or is linked out of
 * the network's folder (or out of that where the network itself is, if it is a link) is opened. Where the file was renamed, NETWORK.data is
 * taken. A file that is not there, one that is too short and one that Git LFS has left a pointer for are told apart.
 */
OnnxBeside onnx_beside(const Path& network);

/** Where Git LFS has not brought the file yet, its first lines stand for it: an error that says so. */
void refuse_lfs_pointer(std::string_view bytes, std::string_view whose);

}  // namespace convscope
