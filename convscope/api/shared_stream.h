#pragma once

#include "convscope/api/pictures.h"
#include "convscope/ranks/ranks.h"
#include "convscope/subject/network_subject.h"

namespace convscope {

/** What a node gives for the pictures, batch by batch in their order, as `Subject::stream`: on the root, whoever of the ranks computed it.
 */
void stream_on_ranks(Ranks& ranks, NetworkSubject& subject, const std::string& node, const Pictures& pictures, const Subject::Take& take);

}  // namespace convscope
