#include "support/live_show.h"

#include <algorithm>

#include "base/byte_writer.h"
#include "protocol/rtmp/amf0.h"

namespace test_support {

using protocol::rtmp::MessageType;

namespace {

// 44.1 kHz AAC: 1,024 samples a frame.
constexpr double sounds_per_second = 44'100.0 / 1'024;
constexpr std::size_t sound_size = 180;
// A keyframe is so much larger than other pictures.
constexpr int keyframe_weight = 5;

base::Bytes avc_config() {
    return base::from_hex(
        "1700000000"
        "0164001fffe1001a6764001facd9405005bb016a02020280000003008000001e478c18cb01000668ebe3cb22c0");
}
base::Bytes aac_config() {
    return base::from_hex("af001210");
}

std::uint64_t hash_of(base::ByteView body) {
    return std::hash<std::string_view>{}(base::as_text(body));
}

}  // namespace

Recorded recorded(MessageType type, std::uint32_t timestamp, base::ByteView body, base::MonotonicTime at) {
    Recorded record{type, timestamp, hash_of(body), false, false, at};
    if (body.size() < 2) return record;
    record.config = body[1] == 0 && (type == MessageType::audio || (body[0] & 0x0f) == 7);
    record.keyframe = type == MessageType::video && (body[0] >> 4) == 1 && !record.config;
    return record;
}

LiveShow::LiveShow(std::uint16_t port, const std::string& key, ShowSettings settings)
    : settings_(std::move(settings)), client_(port, RtmpClient::publish(key)) {
    accepted_ = client_.accepted();
    if (accepted_) send_headers();
}

LiveShow::~LiveShow() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void LiveShow::begin() {
    began_ = std::chrono::steady_clock::now();
    thread_ = std::thread([this] { run(); });
}

void LiveShow::end() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    client_.finish();
    (void)client_.closed_by_peer(std::chrono::milliseconds(200));
}

std::vector<Recorded> LiveShow::sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
}

void LiveShow::run() {
    while (!stopping_ && !cut_) {
        const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - began_;
        send_until(static_cast<std::int64_t>(passed.count() * settings_.speed));
        // It does not listen, but notices the end of the connection.
        (void)client_.next(std::chrono::milliseconds(0));
        if (client_.broken()) cut_ = true;
        // The pace is the media's own clock: this only decides how finely it is followed.
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

void LiveShow::send_until(std::int64_t media_ms) {
    const std::int64_t pictures_a_group =
        settings_.between_keyframes.count() * settings_.pictures_per_second / 1000;
    while (!stopping_ && !cut_) {
        const std::int64_t picture_at = next_picture_ * 1000 / settings_.pictures_per_second;
        const auto sound_at =
            static_cast<std::int64_t>(static_cast<double>(next_sound_) * 1000 / sounds_per_second);
        if (std::min(picture_at, sound_at) > media_ms) return;
        if (picture_at <= sound_at)
            send(MessageType::video, picture_at, picture(next_picture_++ % pictures_a_group == 0));
        else
            send(MessageType::audio, (++next_sound_, sound_at), sound());
    }
}

void LiveShow::send(MessageType type, std::int64_t media_ms, const base::Bytes& body) {
    const std::uint32_t timestamp =
        settings_.wire_clock ? settings_.wire_clock(media_ms) : static_cast<std::uint32_t>(media_ms);
    {
        const std::lock_guard lock(mutex_);
        sent_.push_back(recorded(type, timestamp, body, std::chrono::steady_clock::now()));
        sent_.back().media_ms = media_ms;
    }
    client_.send_media(type, timestamp, body);
    if (client_.broken()) cut_ = true;
}

void LiveShow::send_headers() {
    using namespace protocol::rtmp;
    base::Bytes metadata;
    write_amf(metadata, "@setDataFrame");
    write_amf(metadata, "onMetaData");
    AmfObject facts{{"framerate", settings_.pictures_per_second}, {"videodatarate", settings_.kbps}};
    facts.ecma_array = true;
    write_amf(metadata, facts);
    const std::uint32_t start = settings_.wire_clock ? settings_.wire_clock(0) : 0;
    client_.send_media(MessageType::data_amf0, start, metadata);
    send(MessageType::audio, 0, aac_config());
    send(MessageType::video, 0, avc_config());
}

base::Bytes LiveShow::picture(bool keyframe) {
    const std::int64_t pictures_a_group =
        settings_.between_keyframes.count() * settings_.pictures_per_second / 1000;
    const double sound_bits = sounds_per_second * sound_size * 8;
    const double bits_a_group = std::max(0.0, settings_.kbps * 1000.0 - sound_bits) *
                                static_cast<double>(settings_.between_keyframes.count()) / 1000;
    const double share = bits_a_group / 8 / static_cast<double>(pictures_a_group - 1 + keyframe_weight);
    const auto size = static_cast<std::size_t>(share * (keyframe ? keyframe_weight : 1));
    base::Bytes body{static_cast<std::uint8_t>(keyframe ? 0x17 : 0x27), 1, 0, 0, 0};
    base::ByteWriter(body).u32(static_cast<std::uint32_t>(std::max<std::size_t>(size, 32)));
    fill(body, std::max<std::size_t>(size, 32));
    return body;
}

base::Bytes LiveShow::sound() {
    base::Bytes body{0xaf, 1};
    fill(body, sound_size);
    return body;
}

void LiveShow::fill(base::Bytes& body, std::size_t size) {
    const std::size_t from = body.size();
    base::ByteWriter(body).u32(settings_.seed);
    base::ByteWriter(body).u32(static_cast<std::uint32_t>(++serial_));
    body.resize(from + size, static_cast<std::uint8_t>(serial_));
}

}  // namespace test_support
