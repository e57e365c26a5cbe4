// bench_publisher: as many encoders as there are keys, in one thread, each at its own pace. Every coded frame
// carries a stamp. SIGUSR1 prints what was sent, as one line of JSON; SIGTERM ends the shows at once, prints
// it, and leaves in good order a little later.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <queue>

#include "bench/tools/rtmp_peer.h"
#include "bench/tools/show.h"
#include "bench/tools/stamp.h"
#include "protocol/rtmp/amf0.h"
#include "protocol/rtmp/media_writer.h"

namespace bench {
namespace {

using protocol::rtmp::MessageType;

constexpr std::int64_t ms_ns = 1'000'000;
// What is on its way gets there before the connection ends.
constexpr std::int64_t farewell_ns = 1'500 * ms_ns;
constexpr std::size_t out_chunk_size = 4096;

// 1280×720 at 30 pictures a second; 48 kHz stereo.
constexpr std::string_view avc_config =
    "17000000000164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000668ebe3cb22c0fdf8f80"
    "0";
constexpr std::string_view aac_config = "af001190";

base::Bytes metadata(std::uint32_t kbps) {
    using protocol::rtmp::AmfObject;
    AmfObject object{{"duration", 0},
                     {"width", 1280},
                     {"height", 720},
                     {"videocodecid", 7},
                     {"framerate", 30},
                     {"videodatarate", kbps},
                     {"audiocodecid", 10},
                     {"stereo", true},
                     {"audiosamplerate", 48'000},
                     {"encoder", "bench_publisher"}};
    object.ecma_array = true;
    base::Bytes body;
    for (const protocol::rtmp::AmfValue& value :
         {protocol::rtmp::AmfValue("@setDataFrame"), protocol::rtmp::AmfValue("onMetaData"),
          protocol::rtmp::AmfValue(object)})
        protocol::rtmp::write_amf(body, value);
    return body;
}

struct Totals {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::uint64_t blocked = 0;   // writes that a full socket did not take whole
    std::int64_t latest_ns = 0;  // how far behind its schedule it ever was
};

// One connection that carries a show.
class Line {
  public:
    Line(const Target& target, in_addr source, const std::string& key)
        : peer_(target, source, key, protocol::rtmp::ClientPurpose::publish) {}

    RtmpPeer& peer() { return peer_; }
    bool accepted() const { return writer_.has_value(); }
    bool over() const { return over_; }

    // True when the server just accepted the publish.
    bool on_events(std::uint32_t events, std::span<std::uint8_t> buffer) {
        bool begins = false;
        if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !peer_.read(buffer)) over_ = true;
        while (const auto event = peer_.session().next_event()) {
            if (const auto* accepted = std::get_if<protocol::rtmp::PublishAccepted>(&*event)) {
                writer_.emplace(accepted->stream_id, out_chunk_size);
                begins = true;
            } else if (const auto* refused = std::get_if<protocol::rtmp::Refused>(&*event)) {
                fmt::print(stderr, "refused: {} {}\n", refused->code, refused->text);
                over_ = true;
            }
        }
        flush();
        return begins;
    }
    void send(MessageType type, std::uint32_t timestamp, base::ByteView prefix, base::ByteView body) {
        writer_->write(list_, type, timestamp, prefix, body);
    }
    void flush() {
        if (!peer_.send(list_)) over_ = true;
    }
    void finish() {
        peer_.session().finish();
        flush();
    }

  private:
    RtmpPeer peer_;
    std::optional<protocol::rtmp::MediaWriter> writer_;
    base::GatherList list_;
    bool over_ = false;
};

// One encoder. `lines`: the straight one first, where there is one, then the server.
struct Encoder {
    Encoder(std::uint32_t which, std::uint32_t kbps) : number(which), show(kbps) {}

    std::uint32_t number;
    std::vector<std::unique_ptr<Line>> lines;
    Show show;
    std::int64_t began_ns = 0;
    std::uint64_t sequence = 0;

    bool ready() const {
        return std::all_of(lines.begin(), lines.end(), [](const auto& line) { return line->accepted(); });
    }
    std::int64_t due_ns() const { return began_ns + show.next().due_ns; }

    void begin(std::int64_t now, const base::Bytes& meta) {
        began_ns = now;
        const base::Bytes video = base::from_hex(avc_config);
        const base::Bytes audio = base::from_hex(aac_config);
        for (const auto& line : lines) {
            line->send(MessageType::data_amf0, 0, {}, meta);
            line->send(MessageType::video, 0, {}, video);
            line->send(MessageType::audio, 0, {}, audio);
            line->flush();
        }
    }

    void send_frame(std::int64_t now, Totals& totals) {
        const ShowFrame& frame = show.next();
        ++sequence;
        head_.clear();
        base::ByteWriter head(head_);
        if (frame.video)
            head.u8(frame.key ? 0x17 : 0x27).u8(1).u24(0).u32(frame.size - 9).u8(frame.key ? 0x65 : 0x41);
        else
            head.u8(0xaf).u8(1);
        write_stamp(head_, {number, sequence, now});
        const std::size_t rest = frame.size - std::min(frame.size, head_.size());
        const std::size_t from = sequence * 7'919 % (noise_size - rest);
        for (const auto& line : lines) {
            line->send(frame.video ? MessageType::video : MessageType::audio,
                       static_cast<std::uint32_t>(frame.due_ns / ms_ns), head_, noise().subspan(from, rest));
            line->flush();
            if (line->peer().waiting()) ++totals.blocked;
        }
        ++totals.frames;
        totals.bytes += frame.size;
        totals.latest_ns = std::max(totals.latest_ns, now - due_ns());
        show.advance();
    }

  private:
    base::Bytes head_;
};

struct Options {
    std::string url;
    std::string straight;
    std::vector<std::string> keys;
    std::uint32_t kbps = 6'000;
    std::int64_t per_second = 200;
    std::uint32_t sources = 1;
};

class Publisher {
  public:
    explicit Publisher(const Options& options)
        : options_(options), target_(parse_target(options.url)), meta_(metadata(options.kbps)) {
        if (!options.straight.empty()) straight_ = parse_target(options.straight);
    }

    void run() {
        epoll_add(epoll_.get(), signals_.get(), EPOLLIN, signal_event);
        say_ready();
        std::array<epoll_event, 256> events;
        const std::int64_t started = now_ns();
        std::int64_t leave_at = 0;
        while (leave_at == 0 || now_ns() < leave_at) {
            const std::int64_t now = now_ns();
            while (leave_at == 0 && encoders_.size() < options_.keys.size() &&
                   static_cast<std::int64_t>(encoders_.size()) <=
                       (now - started) * options_.per_second / 1'000'000'000)
                add();
            if (leave_at == 0) send_due();
            const int count =
                epoll_wait_until(epoll_.get(), events.data(), events.size(), wake_at(now, leave_at));
            for (int i = 0; i < count; ++i) {
                const epoll_event& event = events[static_cast<std::size_t>(i)];
                if (event.data.u64 != signal_event)
                    on_events(event.data.u64, event.events);
                else if (read_signal(signals_.get()) == SIGUSR1)
                    report();
                else if (leave_at == 0)
                    leave_at = now_ns() + farewell_ns, report();
            }
        }
        for (const auto& encoder : encoders_)
            for (const auto& line : encoder->lines)
                if (line->accepted()) line->finish();
    }

  private:
    static constexpr std::uint64_t signal_event = ~std::uint64_t{0};
    using Due = std::pair<std::int64_t, std::size_t>;

    std::int64_t wake_at(std::int64_t now, std::int64_t leave_at) const {
        if (leave_at != 0) return leave_at;
        std::int64_t at = now + 100 * ms_ns;
        if (encoders_.size() < options_.keys.size()) at = now + 5 * ms_ns;
        return due_.empty() ? at : std::min(at, due_.top().first);
    }

    void add() {
        const std::size_t index = encoders_.size();
        auto encoder = std::make_unique<Encoder>(static_cast<std::uint32_t>(index), options_.kbps);
        // 127.0.0.1 and on, so that one address does not hold them all.
        const in_addr source{htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(index) % options_.sources)};
        if (straight_)
            encoder->lines.push_back(
                std::make_unique<Line>(*straight_, source, "straight-" + std::to_string(index)));
        encoder->lines.push_back(std::make_unique<Line>(target_, source, options_.keys[index]));
        for (std::size_t line = 0; line < encoder->lines.size(); ++line)
            epoll_add(epoll_.get(), encoder->lines[line]->peer().fd(), EPOLLIN | EPOLLOUT | EPOLLET,
                      index << 1 | line);
        encoders_.push_back(std::move(encoder));
    }

    void on_events(std::uint64_t data, std::uint32_t events) {
        Encoder& encoder = *encoders_[data >> 1];
        Line& line = *encoder.lines[data & 1];
        if (line.over()) return;
        const bool begins = line.on_events(events, buffer_);
        if (line.over()) {
            ++lines_over_;
            ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, line.peer().fd(), nullptr);
        } else if (begins && encoder.ready()) {
            ++ready_;
            encoder.begin(now_ns(), meta_);
            due_.push({encoder.due_ns(), data >> 1});
        }
    }

    // A bounded number, so that answers and signals get their turn also when the machine cannot keep the
    // pace.
    void send_due() {
        for (int left = 256; left > 0 && !due_.empty(); --left) {
            const std::int64_t now = now_ns();
            const auto [at, index] = due_.top();
            if (at > now) return;
            due_.pop();
            Encoder& encoder = *encoders_[index];
            if (std::any_of(encoder.lines.begin(), encoder.lines.end(),
                            [](const auto& line) { return line->over(); }))
                continue;
            encoder.send_frame(now, totals_);
            due_.push({encoder.due_ns(), index});
        }
    }

    void report() {
        const std::uint64_t last = encoders_.empty() ? 0 : encoders_.front()->sequence;
        fmt::print(
            R"({{"at_ns":{},"publishing":{},"over":{},"frames":{},"bytes":{},"blocked":{},"late_ms":{:.1f},"last":{},)"
            R"("cpu_s":{:.3f}}})"
            "\n",
            now_ns(), ready_, lines_over_, totals_.frames, totals_.bytes, totals_.blocked,
            static_cast<double>(totals_.latest_ns) / 1e6, last, cpu_seconds());
        std::fflush(stdout);
        totals_.latest_ns = 0;
    }

    const Options& options_;
    Target target_;
    std::optional<Target> straight_;
    base::Bytes meta_;
    net::UniqueFd signals_ = watch_signals();
    net::UniqueFd epoll_ = make_epoll();
    std::vector<std::unique_ptr<Encoder>> encoders_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    base::Bytes buffer_ = base::Bytes(16 * 1024);
    std::size_t ready_ = 0;
    std::size_t lines_over_ = 0;
    Totals totals_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    CLI::App app("Publishes made-up shows over RTMP");
    bench::Options options;
    std::string keys;
    app.add_option("--url", options.url, "rtmp://address:port/app")->required();
    app.add_option("--keys", keys, "file with one stream key a line: one encoder each")->required();
    app.add_option("--straight", options.straight,
                   "rtmp://address:port/app that gets a copy of each frame first");
    app.add_option("--kbps", options.kbps, "of each encoder");
    app.add_option("--per-second", options.per_second, "how many connect in a second");
    app.add_option("--sources", options.sources, "addresses to come from: 127.0.0.1 and on");
    CLI11_PARSE(app, argc, argv);
    std::ifstream file(keys);
    for (std::string key; std::getline(file, key);)
        if (!key.empty()) options.keys.push_back(key);
    (void)bench::noise();
    bench::Publisher(options).run();
    return 0;
}
