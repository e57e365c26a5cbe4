// What a destination has to be, and what it takes to push to it: the platform catalogue's knowledge applied
// to one row. Pure; for the folder's own .cpp files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/facts.h"
#include "output/outputs.h"
#include "service/destinations.h"
#include "store/records.h"

namespace service {

base::Result<> check_settings(const DestinationSettings& settings);

// Fills in what the catalogue knows (name, URL) and checks the row as a whole. Errors: invalid_argument with
// the field.
base::Result<> complete(store::Destination& record);

// How the engine reaches it, or why it cannot even be tried, in words for its owner.
struct Target {
    std::optional<output::DesiredOutput> output;
    std::string skipped;
};
Target target_of(const store::Destination& record);

// What the platform wishes: of the settings, and of the source when there is one.
std::vector<Advice> advice_for(const std::string& platform, const store::EncodeSettings& settings,
                               const std::optional<media::IngestFacts>& source);

// What it will take of the link: the source's bitrate when known, else what the platform commonly takes.
std::int64_t expected_kbps(const std::string& platform, const std::optional<media::IngestFacts>& source);

}  // namespace service
