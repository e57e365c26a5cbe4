// PlaybackWorld: players at a playback desk, with the use-cases of World behind it. Its one worker rests
// before the clock moves.
#pragma once

#include <future>

#include "service/playback_desk.h"
#include "service/testing/fake_media.h"
#include "service/testing/world.h"
#include "service/worker_pool.h"

namespace service::testing {

class PlaybackWorld : public World {
  public:
    explicit PlaybackWorld(std::shared_ptr<Folder> kept = nullptr,
                           std::shared_ptr<base::ManualClock> time = nullptr, PlaybackSettings settings = {})
        : World(std::move(kept), std::move(time)),
          desk(std::make_unique<PlaybackDesk>(context, PlaybackMedia{hls, flv, &replays, {}}, workers, hits,
                                              broadcast_settings(), settings)) {}

    // Everything that was posted has run.
    void rest() {
        std::promise<void> done;
        if (workers.post([&] { done.set_value(); })) done.get_future().wait();
    }
    void pass(std::chrono::milliseconds time) {
        rest();
        clock->advance(time);
    }

    base::Result<media::Content> live(const std::string& playback_id, const std::string& file,
                                      const Viewer& viewer = {}) {
        std::promise<base::Result<media::Content>> answer;
        desk->live({playback_id, file}, viewer, [&](auto content) { answer.set_value(std::move(content)); });
        auto got = answer.get_future().get();
        rest();
        return got;
    }
    base::Result<media::Content> replay(const std::string& asset_id, const std::string& file,
                                        const Viewer& viewer = {}) {
        std::promise<base::Result<media::Content>> answer;
        desk->vod(asset_id, file, viewer, [&](auto content) { answer.set_value(std::move(content)); });
        auto got = answer.get_future().get();
        rest();
        return got;
    }
    base::Result<std::shared_ptr<base::ByteSource>> flv_stream(const std::string& playback_id,
                                                               const Viewer& viewer = {}) {
        std::promise<base::Result<std::shared_ptr<base::ByteSource>>> answer;
        desk->live_flv(playback_id, viewer, [&](auto source) { answer.set_value(std::move(source)); });
        auto got = answer.get_future().get();
        rest();
        return got;
    }
    base::Result<PlaybackDesk::Admission> rtmp(const std::string& playback_id, const Viewer& viewer = {}) {
        std::promise<base::Result<PlaybackDesk::Admission>> answer;
        desk->admit(playback_id, viewer, [&](auto admission) { answer.set_value(std::move(admission)); });
        auto got = answer.get_future().get();
        rest();
        return got;
    }
    void tick() {
        desk->tick();
        rest();
    }

    // As the row says, which the API tells only while it is live.
    std::string playback_id(const std::string& livestream_id) {
        return store->livestreams().get(store::Scope::all(), livestream_id)->playback_id;
    }
    // A fresh one, as this actor's answers carry it; empty when there is none for them.
    std::string token_of(const Actor& actor, const std::string& livestream_id) {
        const auto shown = livestreams.find(actor, livestream_id);
        if (!shown || !shown->playback || !shown->playback->hls_url) return {};
        return token_in(*shown->playback->hls_url);
    }
    static std::string token_in(const std::string& url) {
        const auto at = url.find("?token=");
        return at == std::string::npos ? std::string() : url.substr(at + 7);
    }

    base::LimitHits hits;
    FakeHls hls;
    FakeFlv flv;
    FakeReplays replays;
    WorkerPool workers{1, 10'000};
    std::unique_ptr<PlaybackDesk> desk;
};

}  // namespace service::testing
