// bench_viewer: LL-HLS viewers of one stream by the thousand, in one thread. Each holds one connection, takes
// the multivariant playlist, and from then on asks for the media playlist with the next part in it, waits for
// that, and gets the part. The kernel drops the parts. SIGUSR1 prints what was counted, as one line of JSON,
// and begins new histograms; SIGTERM ends it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>

#include "bench/tools/histogram.h"
#include "bench/tools/http_peer.h"
#include "bench/tools/playlist_edge.h"
#include "bench/tools/stamp.h"

namespace bench {
namespace {

constexpr int ok = 200;

struct Options {
    std::string to;
    std::string path;
    std::size_t count = 1;
    std::int64_t per_second = 200;
    std::uint32_t first_source = 1;
    std::uint32_t sources = 1;
};

using PartName = std::pair<std::uint64_t, std::uint64_t>;

struct Viewer {
    enum class Asked { multivariant, playlist, next_playlist, part };

    Viewer(const sockaddr_in& to, in_addr source) : peer(to, source) {}

    HttpPeer peer;
    Asked asked = Asked::multivariant;
    std::int64_t asked_ns = 0;
    std::string media_path;
    PartName next;
};

class Viewers {
  public:
    explicit Viewers(const Options& options) : options_(options), to_(parse_address(options.to)) {}

    void run() {
        epoll_add(epoll_.get(), signals_.get(), EPOLLIN, signal_event);
        say_ready();
        std::array<epoll_event, 512> events;
        const std::int64_t started = now_ns();
        while (true) {
            const std::int64_t now = now_ns();
            while (viewers_.size() < options_.count &&
                   static_cast<std::int64_t>(viewers_.size()) <=
                       (now - started) * options_.per_second / 1'000'000'000)
                add();
            const std::int64_t until = now + (viewers_.size() < options_.count ? 5'000'000 : 1'000'000'000);
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
        const std::size_t index = viewers_.size();
        const in_addr source{htonl(INADDR_LOOPBACK + options_.first_source +
                                   static_cast<std::uint32_t>(index) % options_.sources)};
        viewers_.push_back(std::make_unique<Viewer>(to_, source));
        epoll_add(epoll_.get(), viewers_.back()->peer.fd(), EPOLLIN | EPOLLOUT, index);
    }

    void serve(std::uint64_t index, std::uint32_t events) {
        if (!viewers_[index]) return;
        Viewer& viewer = *viewers_[index];
        if (events & (EPOLLHUP | EPOLLERR)) return end(index);
        if (events & EPOLLOUT) {
            epoll_change(epoll_.get(), viewer.peer.fd(), EPOLLIN, index);
            return ask(index, Viewer::Asked::multivariant, options_.path);
        }
        const std::uint64_t before = viewer.peer.bytes();
        const auto progress = viewer.peer.read(buffer_);
        bytes_ += viewer.peer.bytes() - before;
        if (progress == HttpPeer::Progress::over) return end(index);
        if (progress == HttpPeer::Progress::answered) answered(index, now_ns());
    }

    void answered(std::uint64_t index, std::int64_t now) {
        Viewer& viewer = *viewers_[index];
        const AnswerReader& answer = viewer.peer.answer();
        if (answer.status() != ok) {
            ++errors_;
            last_error_ = answer.status();
            return end(index);
        }
        switch (viewer.asked) {
            case Viewer::Asked::multivariant:
                viewer.media_path = resolve(options_.path, first_uri(answer.body()));
                return ask(index, Viewer::Asked::playlist, viewer.media_path);
            case Viewer::Asked::playlist:
                return follow(index, answer.body());
            case Viewer::Asked::next_playlist:
                waited_.add(now - viewer.asked_ns);
                late_.add(now - first_answers_.try_emplace(viewer.next, now).first->second);
                if (first_answers_.size() > remembered) first_answers_.erase(first_answers_.begin());
                ++playlists_;
                return follow(index, answer.body());
            case Viewer::Asked::part:
                part_took_.add(now - viewer.asked_ns);
                ++parts_;
                return ask_next(index);
        }
    }
    static constexpr std::size_t remembered = 1'000;

    void follow(std::uint64_t index, std::string_view playlist) {
        Viewer& viewer = *viewers_[index];
        const auto edge = read_edge(playlist);
        if (!edge) {
            // Nothing is there yet, or no low latency.
            ++errors_;
            return end(index);
        }
        const PartName next{edge->msn, edge->part};
        if (viewer.asked == Viewer::Asked::next_playlist && next <= viewer.next) ++stale_;
        if (viewer.asked == Viewer::Asked::playlist) ++watching_;
        viewer.next = next;
        part_target_s_ = edge->part_target_s;
        ask(index, Viewer::Asked::part, resolve(viewer.media_path, edge->uri));
    }

    void ask_next(std::uint64_t index) {
        const Viewer& viewer = *viewers_[index];
        const char* joint = viewer.media_path.find('?') == std::string::npos ? "?" : "&";
        ask(index, Viewer::Asked::next_playlist,
            fmt::format("{}{}_HLS_msn={}&_HLS_part={}", viewer.media_path, joint, viewer.next.first,
                        viewer.next.second));
    }

    void ask(std::uint64_t index, Viewer::Asked what, const std::string& path) {
        Viewer& viewer = *viewers_[index];
        viewer.asked = what;
        viewer.asked_ns = now_ns();
        const bool part = what == Viewer::Asked::part;
        if (!viewer.peer.ask(fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", path, options_.to), !part))
            end(index);
    }

    void end(std::uint64_t index) {
        ++ended_;
        viewers_[index].reset();
    }

    void report() {
        std::size_t waiting = 0;
        for (const auto& viewer : viewers_)
            if (viewer && viewer->asked == Viewer::Asked::next_playlist) ++waiting;
        fmt::print(
            R"({{"at_ns":{},"begun":{},"watching":{},"waiting":{},"ended":{},"errors":{},"last_error":{},)"
            R"("stale":{},"playlists":{},"parts":{},"bytes":{},"part_target_s":{},"waited":{},"late":{},)"
            R"("part_took":{},"cpu_s":{:.3f}}})"
            "\n",
            now_ns(), viewers_.size(), watching_, waiting, ended_, errors_, last_error_, stale_, playlists_,
            parts_, bytes_, part_target_s_, waited_.json(), late_.json(), part_took_.json(), cpu_seconds());
        std::fflush(stdout);
        for (Histogram* histogram : {&waited_, &late_, &part_took_}) histogram->clear();
    }

    const Options& options_;
    sockaddr_in to_;
    net::UniqueFd signals_ = watch_signals();
    net::UniqueFd epoll_ = make_epoll();
    std::vector<std::unique_ptr<Viewer>> viewers_;
    std::vector<char> buffer_ = std::vector<char>(16 * 1024);
    // When the first viewer had the playlist with this part in it.
    std::map<PartName, std::int64_t> first_answers_;
    std::size_t watching_ = 0;
    std::size_t ended_ = 0;
    std::uint64_t errors_ = 0;
    int last_error_ = 0;
    std::uint64_t stale_ = 0;
    std::uint64_t playlists_ = 0;
    std::uint64_t parts_ = 0;
    std::uint64_t bytes_ = 0;
    double part_target_s_ = 0;
    Histogram waited_;
    Histogram late_;
    Histogram part_took_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    CLI::App app("Watches one stream by LL-HLS, many times");
    bench::Options options;
    app.add_option("--to", options.to, "address:port")->required();
    app.add_option("--path", options.path, "of the multivariant playlist")->required();
    app.add_option("--count", options.count, "viewers");
    app.add_option("--per-second", options.per_second, "how many come in a second");
    app.add_option("--first-source", options.first_source, "added to 127.0.0.1");
    app.add_option("--sources", options.sources, "addresses to come from");
    CLI11_PARSE(app, argc, argv);
    bench::Viewers(options).run();
    return 0;
}
