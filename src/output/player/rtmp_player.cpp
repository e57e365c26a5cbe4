#include "output/player/rtmp_player.h"

#include <algorithm>
#include <utility>

namespace output::player {

namespace {

constexpr std::size_t read_size = 4 * 1024;
constexpr std::size_t batch_bytes = 256 * 1024;
constexpr auto farewell = std::chrono::seconds(1);

}  // namespace

RtmpPlayer::RtmpPlayer(std::shared_ptr<PlayerCore> core, net::LinkPtr link, net::ConnectionSlot slot,
                       protocol::rtmp::ServerSession session, const std::shared_ptr<hub::Stream>& stream,
                       std::shared_ptr<const media::PlayPermit> permit)
    : core_(std::move(core)),
      link_(std::move(link)),
      slot_(std::move(slot)),
      session_(std::move(session)),
      permit_(std::move(permit)),
      writer_(session_.play_stream_id(), protocol::rtmp::ServerSettings{}.out_chunk_size),
      subscription_(stream->subscribe({.start = hub::StartAt::cached_keyframe}, core_->clock.now())),
      last_progress_(core_->clock.now()) {
    ++core_->count;
}

RtmpPlayer::~RtmpPlayer() {
    --core_->count;
}

void RtmpPlayer::start(const std::shared_ptr<hub::Stream>& stream) {
    membership_ = core_->scheduler.join(stream, *this, std::chrono::milliseconds(0));
    wait_readable();
    flush();
}

void RtmpPlayer::wait_readable() {
    link_->wait_readable([self = weak_from_this()] {
        if (const auto player = self.lock()) player->on_readable();
    });
}

void RtmpPlayer::on_readable() {
    const auto self = shared_from_this();
    core_->read_buffer.resize(read_size);
    while (link_) {
        const net::IoResult got = link_->read_some(core_->read_buffer);
        if (got.status == net::IoStatus::would_block) break;
        if (got.status != net::IoStatus::ok) return close();
        if (session_.closing()) continue;
        const auto consumed =
            session_.consume(base::ByteView(core_->read_buffer).first(got.bytes), core_->clock.now());
        while (const auto event = session_.next_event()) {
            if (const auto* paused = std::get_if<protocol::rtmp::PausedByPlayer>(&*event)) {
                pause(paused->paused);
            } else if (std::holds_alternative<protocol::rtmp::PlayEnded>(*event)) {
                return close();
            }
        }
        if (!consumed) return close();
    }
    flush();
    if (link_) wait_readable();
}

// One that pauses is not woken for frames that it does not take. It goes on at the newest keyframe.
void RtmpPlayer::pause(bool paused) {
    if (std::exchange(paused_, paused) == paused) return;
    if (paused) return membership_.reset();
    const std::shared_ptr<hub::Stream> stream = subscription_->stream();
    subscription_ = stream->subscribe({.start = hub::StartAt::cached_keyframe}, core_->clock.now());
    membership_ = core_->scheduler.join(stream, *this, std::chrono::milliseconds(0));
}

void RtmpPlayer::fill(base::GatherList& gather) {
    if (base::Bytes own = session_.take_output(); !own.empty()) {
        auto kept = std::make_shared<const base::Bytes>(std::move(own));
        gather.add_view(*kept);
        gather.keep(std::move(kept));
    }
    if (session_.closing() || paused_) return;
    const hub::BatchPtr batch = subscription_->read(core_->clock.now(), batch_bytes, core_->recent);
    if (!batch) return;
    writer_.write(gather, batch, core_->recent_wire);
}

void RtmpPlayer::flush() {
    if (!link_ || queue_.blocked()) return;
    const auto self = shared_from_this();
    const std::uint64_t before = queue_.bytes_sent();
    const net::IoStatus status = queue_.flush(*link_, core_->gather, *this).status;
    if (queue_.bytes_sent() != before) last_progress_ = core_->clock.now();
    if (status == net::IoStatus::would_block) return;
    if (status != net::IoStatus::ok) return close();
    if (session_.closing()) {
        if (close_at_) return;
        link_->shutdown_write();
        close_at_ = core_->clock.now() + farewell;
    } else if (subscription_->ended()) {
        end("the stream has ended");
    }
}

void RtmpPlayer::tick(base::MonotonicTime now) {
    if (!link_) return;
    if (close_at_ && now >= *close_at_) return close();
    if (permit_ && permit_->revoked()) end("this may not be watched any more");
    if (paused_ && subscription_->ended()) return end("the stream has ended");
    const PlayerSettings& settings = core_->settings;
    const auto patience =
        core_->memory.ends_slow_readers() ? settings.no_progress_when_short : settings.no_progress;
    if (queue_.blocked() && now - last_progress_ >= patience) {
        // With all that the kernel holds for one who does not read.
        link_->abort();
        close();
    }
}

void RtmpPlayer::end(const std::string& reason) {
    if (!link_ || session_.closing()) return;
    session_.end(reason);
    flush();
}

void RtmpPlayer::close() {
    if (!link_) return;
    const auto self = shared_from_this();
    membership_.reset();
    link_->close();
    link_.reset();
    slot_.reset();
    core_->players.erase(self);
}

}  // namespace output::player
