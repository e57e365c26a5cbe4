#include "api/pages/describe.h"

#include "service/playback.h"
#include "service/recordings.h"

namespace api::pages {
namespace {

base::Result<Description> of(const base::Result<service::PlaybackCard>& card) {
    if (!card) return tl::unexpected(card.error());
    return Description{.title = card->title,
                       .text = card->description,
                       .station_name = card->station_name,
                       .picture_url = card->thumbnail_url.value_or("")};
}

base::Result<Description> of(const base::Result<service::Recording>& recording) {
    if (!recording) return tl::unexpected(recording.error());
    return Description{.title = recording->title,
                       .text = recording->description,
                       .picture_url = recording->thumbnail_url.value_or("")};
}

}  // namespace

Pages::Describe describe_by(service::PlaybackService* playback, service::RecordingService* recordings) {
    return [=](const std::string& id, const std::string& client_address) -> base::Result<Description> {
        const service::Actor nobody = service::Actor::nobody(client_address);
        if (is_asset_id(id) && recordings) return of(recordings->find(nobody, id));
        if (!is_asset_id(id) && playback) return of(playback->card(nobody, id, {{}, {}, client_address}));
        return base::fail(base::ErrorCode::not_found, "There is nothing to play here.");
    };
}

}  // namespace api::pages
