#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace convscope {

using Path = std::filesystem::path;

/** The whole file. Errors name the path and the system's reason; `max_bytes` guards against a file of absurd size. */
std::string read_file(const Path& path, uint64_t max_bytes = uint64_t{1} << 40);

/** The file appears whole or not at all: written beside, synced, renamed. A full disk leaves the old one as it was. */
void write_file(const Path& path, std::string_view bytes);
/** The same in pieces. */
void write_file(const Path& path, std::span<const std::string_view> pieces);

/** Adds a line at the end and syncs it. */
void append_line(const Path& path, std::string_view line);

/** Makes the folder with its parents; the error says what is in the way. */
void make_folder(const Path& path);

}  // namespace convscope
