#pragma once

#include <span>

#include "convscope/api/setting.h"

namespace convscope {

/**
 * Keeps the pictures that a page of these run folders will show, of images on which their networks disagree: those that no sheet has are
 * read from the data again, and lie as `disputed_picture` in the first run's predictions/. Where the data are gone people are told.
 */
void keep_disputed_pictures(std::span<const Path> runs, const Setting& setting = {});

}  // namespace convscope
