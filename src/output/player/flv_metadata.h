// What a player of live FLV is told of a stream in onMetaData. Pure.
#pragma once

#include "base/bytes.h"

namespace output::player {

// The tag body of an encoder's onMetaData with nothing in it but what describes pictures and sound as they
// are: a length, an index or a size of a file would have a player seek in it, and titles and names of
// programs are nobody's business. Empty where there is nothing to tell.
base::Bytes write_live_metadata(base::ByteView encoders);

}  // namespace output::player
