#include "simulation/encoder.h"

#include <cstring>

namespace simulation {
namespace {

// A payload whose life is counted.
base::SharedBytes counted(World& world, base::Bytes bytes, bool companion) {
    World::Alive& alive = world.alive;
    const auto size = static_cast<std::int64_t>(bytes.size());
    ++alive.payloads;
    alive.payload_bytes += size;
    if (companion) alive.companion_bytes += size;
    const std::shared_ptr<const base::Bytes> owner(new base::Bytes(std::move(bytes)),
                                                   [&alive, size, companion](const base::Bytes* gone) {
                                                       --alive.payloads;
                                                       alive.payload_bytes -= size;
                                                       if (companion) alive.companion_bytes -= size;
                                                       delete gone;
                                                   });
    return {owner, base::ByteView(*owner)};
}

}  // namespace

Encoders::Encoders(World& world, ingest::StreamDesk& desk, int stream, EncoderProfile profile,
                   std::deque<Reference>& references)
    : world_(world), desk_(desk), stream_(stream), profile_(profile), references_(references) {}

void Encoders::come() {
    ingest::PublishGrant grant;
    grant.stream_id = stream_id();
    grant.grace = profile_.grace;
    auto opened = desk_.open(grant, {"198.51.100.7:5000", "simulated", "rtmp"}, [](std::string) {});
    if (!opened) {
        world_.note("an encoder is turned away", stream_);
        return;
    }
    world_.note(publisher_ ? "an encoder takes over" : "an encoder comes", stream_);
    // The one that was there notices only when it publishes.
    replaced_ = std::move(publisher_);
    publisher_ = std::move(*opened);
    if (!reference_) {
        references_.push_back({});
        reference_ = &references_.back();
        reference_->id = static_cast<std::uint32_t>(references_.size() - 1);
        reference_->stream = stream_;
        timeline_ = {};
        last_picture_ = {};
    }
    timeline_.begin_publisher();
    awaiting_keyframe_ = true;
    configure_ = true;
    picture_ = static_cast<int>(world_.random.between(0, profile_.group - 1));
    wire_ms_ = profile_.first_timestamp;
    tick(++turn_);
}

void Encoders::vanish() {
    if (!publisher_) return;
    world_.note("the encoder vanishes", stream_);
    publisher_->lost("gone");
    publisher_.reset();
    replaced_.reset();
    ++turn_;
}

void Encoders::jump_time() {
    world_.note("the encoder's clock jumps", stream_);
    wire_ms_ += static_cast<std::uint32_t>(world_.random.between(-3'600'000, 3'600'000));
}

void Encoders::stream_ended() {
    world_.note("the stream has ended", stream_);
    publisher_.reset();
    replaced_.reset();
    ++turn_;
    if (reference_) reference_->ended = true;
    reference_ = nullptr;
}

void Encoders::add(std::vector<ingest::TimedFrame>& frames, media::Kind kind, media::Role role, bool keyframe,
                   std::uint8_t track) {
    const bool picture = kind == media::Kind::video && role == media::Role::coded;
    const std::uint32_t wire_ms = wire_ms_ + (kind == media::Kind::audio ? 7u : 0u);
    const auto placed = timeline_.place(kind, wire_ms, world_.now());
    bool reaches_outputs = track == 0;
    if (picture && track == 0 && awaiting_keyframe_) {
        if (!keyframe) reaches_outputs = false;
        awaiting_keyframe_ = awaiting_keyframe_ && !keyframe;
    }

    int size = 30;
    if (role == media::Role::coded) size = picture ? profile_.picture_bytes : profile_.sound_bytes;
    if (picture && keyframe) size *= 4;
    base::Bytes tag(static_cast<std::size_t>(world_.random.between(size / 2, size)) + serial_size,
                    static_cast<std::uint8_t>(world_.random.next()));
    Serial serial{reference_->id, 0xffffffff};
    if (reaches_outputs)
        serial.index = static_cast<std::uint32_t>(reference_->entries.size() + fresh_.size());
    std::memcpy(tag.data() + tag.size() - serial_size, &serial, serial_size);

    if (reaches_outputs) {
        if (picture) last_picture_ = world_.now();
        if (role != media::Role::coded)
            reference_->headers[kind == media::Kind::data    ? 0
                                : kind == media::Kind::audio ? 1
                                                             : 2] = serial.index;
        Reference::Entry entry;
        entry.kind = kind;
        entry.role = role;
        entry.keyframe = picture && keyframe;
        entry.dts_ms = placed.dts.count() / 1'000;
        entry.hash = hash_of(tag);
        entry.published = world_.now();
        entry.headers = reference_->headers;
        entry.last_picture = last_picture_;
        fresh_.push_back(entry);
    }

    media::Frame frame;
    frame.kind = kind;
    frame.codec = kind == media::Kind::video   ? profile_.codec
                  : kind == media::Kind::audio ? media::Codec::aac
                                               : media::Codec::none;
    frame.role = role;
    frame.keyframe = keyframe;
    frame.track = track;
    frame.tag = counted(world_, std::move(tag), role != media::Role::coded || track != 0);
    frames.push_back({wire_ms, std::move(frame)});
}

void Encoders::tick(std::uint64_t turn) {
    if (turn != turn_ || !publisher_) return;
    using media::Kind;
    using media::Role;
    if (replaced_) {
        // A last word of the one that was replaced: nobody may hear it.
        std::vector<ingest::TimedFrame> late(1);
        late.front().frame.kind = Kind::video;
        late.front().frame.keyframe = true;
        late.front().frame.tag = counted(world_, base::Bytes(64, 0xee), false);
        world_.require(!replaced_->publish(std::move(late), world_.now()),
                       "an encoder that was replaced still publishes", stream_);
        replaced_.reset();
    }

    std::vector<ingest::TimedFrame> frames;
    if (std::exchange(configure_, false)) {
        if (profile_.metadata) add(frames, Kind::data, Role::metadata, false);
        if (profile_.video) add(frames, Kind::video, Role::config, false);
        if (profile_.audio) add(frames, Kind::audio, Role::config, false);
        if (profile_.second_track) add(frames, Kind::audio, Role::config, false, 1);
        if (profile_.video) picture_ = world_.random.percent(70) ? 0 : picture_;
    }
    if (profile_.video) add(frames, Kind::video, Role::coded, picture_++ % profile_.group == 0);
    if (profile_.audio) add(frames, Kind::audio, Role::coded, true);
    if (profile_.second_track) add(frames, Kind::audio, Role::coded, true, 1);
    world_.require(publisher_->publish(std::move(frames), world_.now()),
                   "an encoder that owns its stream cannot publish", stream_);
    for (Reference::Entry& entry : fresh_) reference_->entries.push_back(entry);
    fresh_.clear();

    const auto step = profile_.tick + world_.random.between(-5ms, 5ms);
    wire_ms_ += static_cast<std::uint32_t>(step / 1ms);
    world_.after(step, [this, turn] { tick(turn); });
}

}  // namespace simulation
