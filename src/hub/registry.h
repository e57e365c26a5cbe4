// Registry: the streams that are there now, by id. Ingest opens and closes them; outputs find them and are
// told of both. Any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hub/stream.h"

namespace hub {

class Registry {
  public:
    // Called on the thread that opened or closed the stream, after the fact and outside the registry's lock;
    // must return at once. A closed stream has ended() set.
    using Observer = std::function<void(const std::shared_ptr<Stream>&)>;

    explicit Registry(const FrameLogSettings& settings) : settings_(settings) {}

    // The stream of this id, new if there was none or if the one before had ended.
    std::shared_ptr<Stream> open(const std::string& stream_id);
    // Ends the stream if it still is the one of its id.
    void close(const std::shared_ptr<Stream>& stream);
    std::shared_ptr<Stream> find(const std::string& stream_id) const;
    std::vector<std::shared_ptr<Stream>> all() const;

    // Before the first stream opens; observers stay for good.
    void observe(Observer observer) { observers_.push_back(std::move(observer)); }

  private:
    void tell(const std::shared_ptr<Stream>& stream) const {
        for (const Observer& observer : observers_) observer(stream);
    }

    FrameLogSettings settings_;
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Stream>> streams_;
    std::vector<Observer> observers_;
};

}  // namespace hub
