#include "service/recording_posters.h"

#include <algorithm>

#include "service/poster_maker.h"
#include "service/vod_disk.h"

namespace service {
namespace {

constexpr std::size_t max_waiting = 1'000;
constexpr int max_tries = 6;
// A picture is far smaller; what is larger is none.
constexpr std::size_t max_poster_size = 1024 * 1024;

}  // namespace

RecordingPosters::RecordingPosters(PosterMaker& maker, std::filesystem::path folder, const base::Logger& log,
                                   std::chrono::milliseconds first_delay)
    : maker_(maker),
      folder_(std::move(folder)),
      log_(log),
      first_delay_(first_delay),
      worker_(1, max_waiting) {
    door_->posters = this;
}

RecordingPosters::~RecordingPosters() {
    const std::lock_guard lock(door_->mutex);
    door_->posters = nullptr;
}

void RecordingPosters::begun(const std::string& asset_id, const std::string& stream_id) {
    {
        const std::lock_guard lock(mutex_);
        if (!running_.try_emplace(asset_id, Running{stream_id}).second) return;
    }
    maker_.set_recording(stream_id, true);
}

void RecordingPosters::has_media(const std::string& asset_id) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = running_.find(asset_id);
        if (found == running_.end() || found->second.asked) return;
        found->second.asked = true;
    }
    ask_again(asset_id, {});
}

void RecordingPosters::ended(const std::string& asset_id) {
    std::string stream_id;
    {
        const std::lock_guard lock(mutex_);
        const auto found = running_.find(asset_id);
        if (found == running_.end()) return;
        stream_id = found->second.stream_id;
        running_.erase(found);
        // The next recording of the same stream may have begun.
        if (std::any_of(running_.begin(), running_.end(),
                        [&](const auto& one) { return one.second.stream_id == stream_id; }))
            return;
    }
    maker_.set_recording(stream_id, false);
}

void RecordingPosters::ask_again(const std::string& asset_id, const std::string& reason) {
    std::chrono::milliseconds delay{0};
    {
        const std::lock_guard lock(mutex_);
        const auto found = running_.find(asset_id);
        if (found == running_.end()) return;
        const int tries = found->second.tries++;
        if (tries >= max_tries) {
            log_.info("a recording has no picture", {{"asset", asset_id}, {"reason", reason}});
            return;
        }
        if (tries > 0) delay = first_delay_ * (1 << (tries - 1));
    }
    (void)worker_.post_after(delay, [this, asset_id] { ask(asset_id); });
}

void RecordingPosters::ask(const std::string& asset_id) {
    std::string stream_id;
    {
        const std::lock_guard lock(mutex_);
        const auto found = running_.find(asset_id);
        if (found == running_.end()) return;
        stream_id = found->second.stream_id;
    }
    maker_.make(stream_id, [door = door_, asset_id](base::Result<std::string> jpeg) {
        const std::lock_guard lock(door->mutex);
        if (door->posters) door->posters->answered(asset_id, std::move(jpeg));
    });
}

void RecordingPosters::answered(const std::string& asset_id, base::Result<std::string> jpeg) {
    if (!jpeg) return ask_again(asset_id, jpeg.error().message);
    if (jpeg->empty() || jpeg->size() > max_poster_size)
        return ask_again(asset_id, "The picture has an impossible size.");
    (void)worker_.post([this, asset_id, jpeg = std::move(*jpeg)] { write(asset_id, jpeg); });
}

void RecordingPosters::write(const std::string& asset_id, const std::string& jpeg) {
    const auto written = write_beside(folder_, asset_id, poster_name, base::as_bytes(jpeg));
    if (!written) ask_again(asset_id, written.error().message);
}

}  // namespace service
