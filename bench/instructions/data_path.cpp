#include "bench/instructions/data_path.h"

#include <thread>

#include "base/byte_writer.h"

namespace bench {
namespace {

using protocol::rtmp::MessageType;
using namespace std::chrono_literals;

// 77 frames a second, a third of them pictures: 30 and 47. All that goes in one write stays under the 32 KiB
// that the kernel hands over in one piece.
constexpr std::size_t picture_bytes = 9'000;
constexpr std::size_t sound_bytes = 340;
constexpr std::size_t frames_per_group = 150;
constexpr std::uint64_t frame_ms = 13;
constexpr auto look_time = 1s;

base::Bytes video_config() {
    return base::from_hex(
        "1700000000"
        "0164001fffe1001a6764001facd9405005bb016a02020280000003008000001e478c18cb01000668ebe3cb22c0");
}
base::Bytes audio_config() {
    return base::from_hex("af001190");
}
base::Bytes picture(bool key) {
    base::Bytes body{static_cast<std::uint8_t>(key ? 0x17 : 0x27), 1, 0, 0, 0};
    base::ByteWriter(body).u32(picture_bytes);
    body.resize(body.size() + picture_bytes, 0x5a);
    return body;
}
base::Bytes sound() {
    base::Bytes body{0xaf, 1};
    body.resize(body.size() + sound_bytes, 0xa5);
    return body;
}

}  // namespace

DataPath::DataPath(std::size_t destinations)
    : dialer_({}, {}, std::move(*net::TlsClientContext::make(""))),
      desk_(std::make_shared<ingest::StreamDesk>(registry_, events_, clock_, base::Logger())),
      supervisor_({}, pool_, dialer_, registry_, events_, clock_, base::Logger()),
      measure_(1, protocol::rtmp::ClientSettings{}.out_chunk_size),
      bodies_{picture(true), picture(false), sound()} {
    ingest::rtmp::ServerSettings settings;
    settings.rtmp.host = "127.0.0.1";
    auto server = ingest::rtmp::Server::start(settings, pool_, desk_, gate_, registry_, clock_,
                                              base::Logger(), hits_, nullptr);
    if (!server) give_up(server.error().message);
    server_ = std::move(*server);

    output::DesiredBroadcast broadcast{"se-1", "st-one", {}};
    for (std::size_t i = 0; i < destinations; ++i) {
        output::DesiredOutput output;
        output.destination_id = "de-" + std::to_string(i);
        output.url = sinks_.url();
        output.stream_key = base::Secret("key");
        // Sent when it comes: a flush then is one write of the encoder, in every run.
        output.flush_window = 0ms;
        broadcast.outputs.push_back(std::move(output));
    }
    supervisor_.apply(std::move(broadcast));

    encoder_.emplace(server_->rtmp_port(), test_support::RtmpClient::publish("key-one"));
    if (!encoder_->accepted()) give_up("the encoder was not let in");
    sinks_.accept(destinations);
    warm_up();
}

DataPath::~DataPath() {
    server_->stop();
    sinks_.close();  // or farewells would wait for their answer
    supervisor_.stop();
    pool_.stop();
}

void DataPath::warm_up() {
    const base::Bytes audio = audio_config();
    const base::Bytes video = video_config();
    encoder_->send_together(std::array{test_support::Media{MessageType::audio, 0, audio},
                                       test_support::Media{MessageType::video, 0, video}});
    // Destinations begin at a keyframe, once each has heard that it may.
    std::vector<test_support::Media> group;
    do {
        frame_ = (frame_ + frames_per_group) / frames_per_group * frames_per_group;
        group.clear();
        compose(2, group);
        encoder_->send_together(group);
    } while (!sinks_.read_until_quiet(50ms));
    for (int i = 0; i < 20; ++i) send(8);
}

std::size_t DataPath::compose(std::size_t frames, std::vector<test_support::Media>& messages) {
    base::GatherList wire;
    for (std::size_t i = 0; i < frames; ++i, ++frame_) {
        const auto at = static_cast<std::uint32_t>(frame_ * frame_ms);
        const bool is_picture = frame_ % 5 == 0 || frame_ % 5 == 2;
        const base::Bytes& body =
            !is_picture ? bodies_[2] : (frame_ % frames_per_group == 0 ? bodies_[0] : bodies_[1]);
        const auto type = is_picture ? MessageType::video : MessageType::audio;
        messages.push_back({type, at, body});
        measure_.write(wire, type, at, {}, body);
        payload_bytes_ += body.size();
    }
    return wire.bytes();
}

void DataPath::send(std::size_t frames) {
    std::vector<test_support::Media> messages;
    const std::size_t bytes = compose(frames, messages);
    encoder_->send_together(messages);
    sinks_.read(bytes);
}

void DataPath::send_and_look() {
    const auto frames_told = [this] {
        std::vector<std::uint64_t> frames;
        for (const auto& status : supervisor_.snapshot("se-1")) frames.push_back(status.metrics.frames_sent);
        return frames;
    };
    const auto before = frames_told();
    send(1);
    clock_.advance(look_time);
    const auto until = std::chrono::steady_clock::now() + 30s;
    const auto all_told = [&] {
        const auto now = frames_told();
        for (std::size_t i = 0; i < now.size(); ++i)
            if (now[i] <= before[i]) return false;
        return true;
    };
    while (!all_told()) {
        if (std::chrono::steady_clock::now() > until) give_up("a destination does not tell how it is");
        std::this_thread::sleep_for(5ms);
    }
}

void DataPath::on_core(const std::function<void()>& function) {
    pool_.core(0).run(function);
}

}  // namespace bench
