// bench_player: thousands of players of one stream in one thread. Most let the kernel drop what comes and
// count bytes; one in so many reads its frames' stamps. Also connections that do nothing. SIGUSR1 prints what
// was counted, as one line of JSON, and begins new counts; SIGTERM ends it.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <memory>

#include "bench/tools/histogram.h"
#include "bench/tools/rtmp_peer.h"
#include "bench/tools/stamp.h"
#include "protocol/rtmp/chunk_writer.h"
#include "protocol/rtmp/command.h"

namespace bench {
namespace {

using protocol::rtmp::MessageType;

struct Options {
    std::string url;
    std::string name;
    std::size_t count = 1;
    std::size_t sample_every = 100;
    std::int64_t per_second = 500;
    std::uint32_t first_source = 1;
    std::uint32_t sources = 1;
    // "play"; "pause": play, then ask for nothing more; "connect": a TCP connection and not a byte.
    std::string doing = "play";
};

struct Player {
    RtmpPeer peer;
    bool sampled = false;
    bool playing = false;
    std::uint64_t next = 0;
    std::uint64_t bytes_before = 0;
};

// Section 7.2.2.9, on the message stream that a first createStream gives.
base::Bytes pause_command() {
    const protocol::rtmp::Command pause{"pause", 0, protocol::rtmp::AmfNull{}, {true, 0}};
    base::Bytes out;
    protocol::rtmp::write_message(
        out, {protocol::rtmp::chunk_stream::publish, MessageType::command_amf0, 1, 0},
        protocol::rtmp::write_command(pause), protocol::rtmp::ClientSettings{}.out_chunk_size);
    return out;
}

class Players {
  public:
    explicit Players(const Options& options) : options_(options), target_(parse_target(options.url)) {}

    void run() {
        epoll_add(epoll_.get(), signals_.get(), EPOLLIN, signal_event);
        say_ready();
        std::array<epoll_event, 512> events;
        const std::int64_t started = now_ns();
        while (true) {
            const std::int64_t now = now_ns();
            while (players_.size() < options_.count &&
                   static_cast<std::int64_t>(players_.size()) <=
                       (now - started) * options_.per_second / 1'000'000'000)
                add();
            const std::int64_t until = now + (players_.size() < options_.count ? 5'000'000 : 1'000'000'000);
            const int count = epoll_wait_until(epoll_.get(), events.data(), events.size(), until);
            for (int i = 0; i < count; ++i) {
                const epoll_event& event = events[static_cast<std::size_t>(i)];
                if (event.data.u64 != signal_event)
                    serve(event.data.u64, event.events);
                else if (read_signal(signals_.get()) == SIGUSR1)
                    report();
                else
                    return;
            }
        }
    }

  private:
    static constexpr std::uint64_t signal_event = ~std::uint64_t{0};

    void add() {
        const std::size_t index = players_.size();
        const in_addr source{htonl(INADDR_LOOPBACK + options_.first_source +
                                   static_cast<std::uint32_t>(index) % options_.sources)};
        auto player = std::make_unique<Player>(
            Player{RtmpPeer(target_, source, options_.name, protocol::rtmp::ClientPurpose::play),
                   index % options_.sample_every == 0});
        if (options_.doing == "connect") player->peer.forget_session();
        epoll_add(epoll_.get(), player->peer.fd(), EPOLLIN | EPOLLOUT, index);
        players_.push_back(std::move(player));
    }

    void serve(std::uint64_t index, std::uint32_t events) {
        if (!players_[index]) return;
        Player& player = *players_[index];
        if (events & EPOLLOUT) {
            if (!player.peer.has_session()) player.playing = true, ++playing_;
            base::GatherList none;
            if (!player.peer.send(none)) return end(index);
            if (!player.peer.waiting()) epoll_change(epoll_.get(), player.peer.fd(), EPOLLIN, index);
        }
        if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
        if (!player.peer.has_session()) {
            if (!player.peer.drain()) end(index);
            return;
        }
        if (!player.peer.read(buffer_)) return end(index);
        const std::int64_t now = now_ns();
        bool started = false;
        while (const auto event = player.peer.session().next_event()) {
            if (std::holds_alternative<protocol::rtmp::PlayStarted>(*event))
                started = true;
            else if (const auto* media = std::get_if<protocol::rtmp::PlayedMedia>(&*event))
                look(player, media->message, now);
            else if (std::holds_alternative<protocol::rtmp::Refused>(*event) ||
                     std::holds_alternative<protocol::rtmp::EndedByPeer>(*event))
                return end(index);
        }
        base::GatherList more;
        const base::Bytes pause = started && options_.doing == "pause" ? pause_command() : base::Bytes();
        more.add_view(pause);
        if (!player.peer.send(more)) return end(index);
        if (!started || player.playing) return;
        player.playing = true;
        ++playing_;
        player.bytes_before = player.peer.bytes();
        if (!player.sampled) player.peer.forget_session();
    }

    void look(Player& player, const protocol::rtmp::Message& message, std::int64_t now) {
        const bool video = message.type == MessageType::video;
        if (!video && message.type != MessageType::audio) return;
        const auto stamp = read_stamp(message.body.view(), video);
        if (!stamp) return;
        ++frames_;
        // A player begins with the pictures since the last keyframe, which are old by right.
        const bool burst = now - stamp->sent_ns > first_age_ns && player.next == 0;
        if (burst) return;
        if (player.next != 0 && stamp->sequence > player.next) lost_ += stamp->sequence - player.next;
        player.next = stamp->sequence + 1;
        age_.add(now - stamp->sent_ns);
    }
    static constexpr std::int64_t first_age_ns = 50'000'000;

    void end(std::uint64_t index) {
        if (players_[index]->playing) --playing_;
        ++ended_;
        players_[index].reset();
    }

    void report() {
        std::vector<std::uint64_t> got;
        for (const auto& player : players_) {
            if (!player || !player->playing) continue;
            got.push_back(player->peer.bytes() - player->bytes_before);
            player->bytes_before = player->peer.bytes();
        }
        std::sort(got.begin(), got.end());
        std::uint64_t all = 0;
        for (const std::uint64_t bytes : got) all += bytes;
        fmt::print(
            R"({{"at_ns":{},"begun":{},"playing":{},"ended":{},"bytes":{},"bytes_least":{},"bytes_median":{},)"
            R"("frames":{},"lost":{},"age":{},"cpu_s":{:.3f}}})"
            "\n",
            now_ns(), players_.size(), playing_, ended_, all, got.empty() ? 0 : got.front(),
            got.empty() ? 0 : got[got.size() / 2], frames_, lost_, age_.json(), cpu_seconds());
        std::fflush(stdout);
        age_.clear();
    }

    const Options& options_;
    Target target_;
    net::UniqueFd signals_ = watch_signals();
    net::UniqueFd epoll_ = make_epoll();
    std::vector<std::unique_ptr<Player>> players_;
    base::Bytes buffer_ = base::Bytes(64 * 1024);
    std::size_t playing_ = 0;
    std::size_t ended_ = 0;
    std::uint64_t frames_ = 0;
    std::uint64_t lost_ = 0;
    Histogram age_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    CLI::App app("Plays one stream over RTMP, many times");
    bench::Options options;
    app.add_option("--url", options.url, "rtmp://address:port/app")->required();
    app.add_option("--name", options.name, "of the stream")->required();
    app.add_option("--count", options.count, "players");
    app.add_option("--sample-every", options.sample_every, "one in so many looks at its frames");
    app.add_option("--per-second", options.per_second, "how many connect in a second");
    app.add_option("--first-source", options.first_source, "added to 127.0.0.1");
    app.add_option("--sources", options.sources, "addresses to come from");
    app.add_option("--doing", options.doing)->check(CLI::IsMember({"play", "pause", "connect"}));
    CLI11_PARSE(app, argc, argv);
    bench::Players(options).run();
    return 0;
}
