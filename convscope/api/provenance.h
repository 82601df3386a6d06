#pragma once

#include "convscope/api/pictures.h"
#include "convscope/results/provenance.h"

namespace convscope {

/** What a record tells of a network. */
NetworkOrigin network_origin(const Network& network);

/** Where a record's numbers come from: this network asked about these pictures with these options, and how it was computed. */
Provenance provenance_of(const Network& network, const Pictures& pictures, Json options, const Setting& setting);
/** The same of a question that is about no pictures. */
Provenance provenance_of(const Network& network, Json options, const Setting& setting);
/** The same of what is about several networks, or of one that is not there yet. */
Provenance provenance_of(Json options, const Setting& setting);

}  // namespace convscope
