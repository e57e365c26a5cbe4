// What the pages' own text says of a stream or a recording: what the services tell anybody who is not signed
// in.
#pragma once

#include "api/pages/pages.h"

namespace service {
class PlaybackService;
class RecordingService;
}  // namespace service

namespace api::pages {

// For Pages; both outlive it. Null: nothing is known of streams, of recordings.
Pages::Describe describe_by(service::PlaybackService* playback, service::RecordingService* recordings);

}  // namespace api::pages
