#include "hub/registry.h"

namespace hub {

std::shared_ptr<Stream> Registry::open(const std::string& stream_id) {
    std::shared_ptr<Stream> stream;
    {
        const std::lock_guard lock(mutex_);
        std::shared_ptr<Stream>& slot = streams_[stream_id];
        if (slot && !slot->ended()) return slot;
        slot = std::make_shared<Stream>(stream_id, settings_);
        stream = slot;
    }
    tell(stream);
    return stream;
}

void Registry::close(const std::shared_ptr<Stream>& stream) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = streams_.find(stream->id());
        if (found != streams_.end() && found->second == stream) streams_.erase(found);
    }
    stream->end();
    tell(stream);
}

std::shared_ptr<Stream> Registry::find(const std::string& stream_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(stream_id);
    return found == streams_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Stream>> Registry::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Stream>> streams;
    for (const auto& [id, stream] : streams_) streams.push_back(stream);
    return streams;
}

}  // namespace hub
