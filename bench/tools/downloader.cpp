// bench_downloader: GETs the same files over and over, on connections that stay open, one request at a time
// on each, in one thread. The kernel drops the bodies, so that it costs less than who serves them. SIGUSR1
// prints what was counted, as one line of JSON, and begins a new histogram; SIGTERM prints it and ends.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <memory>

#include "bench/tools/histogram.h"
#include "bench/tools/http_peer.h"
#include "bench/tools/stamp.h"

namespace bench {
namespace {

struct Options {
    std::string to;
    std::vector<std::string> paths;
    std::size_t connections = 1;
    std::uint32_t sources = 1;
    bool gzip = false;
    // Room for a head and what comes with it.
    std::size_t head_bytes = 4 * 1024;
};

struct Download {
    HttpPeer peer;
    std::size_t next = 0;
    std::int64_t asked_ns = 0;
};

class Downloader {
  public:
    explicit Downloader(const Options& options) : options_(options), to_(parse_address(options.to)) {
        for (const std::string& path : options.paths)
            requests_.push_back(fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", path, options.to,
                                            options.gzip ? "Accept-Encoding: gzip\r\n" : ""));
        buffer_.resize(options.head_bytes);
    }

    void run() {
        epoll_add(epoll_.get(), signals_.get(), EPOLLIN, signal_event);
        downloads_.resize(options_.connections);
        for (std::size_t i = 0; i < downloads_.size(); ++i) connect(i);
        say_ready();
        std::array<epoll_event, 256> events;
        while (true) {
            const int count =
                epoll_wait_until(epoll_.get(), events.data(), events.size(), now_ns() + 1'000'000'000);
            for (int i = 0; i < count; ++i) {
                const epoll_event& event = events[static_cast<std::size_t>(i)];
                if (event.data.u64 != signal_event) {
                    serve(event.data.u64, event.events);
                    continue;
                }
                const int signal = read_signal(signals_.get());
                report();
                if (signal != SIGUSR1) return;
            }
        }
    }

  private:
    static constexpr std::uint64_t signal_event = ~std::uint64_t{0};

    void connect(std::size_t index) {
        const in_addr source{
            htonl(INADDR_LOOPBACK + 1 + static_cast<std::uint32_t>(index) % options_.sources)};
        downloads_[index] =
            std::make_unique<Download>(Download{HttpPeer(to_, source), index % requests_.size()});
        epoll_add(epoll_.get(), downloads_[index]->peer.fd(), EPOLLIN | EPOLLOUT, index);
    }

    void serve(std::uint64_t index, std::uint32_t events) {
        if (!downloads_[index]) return;
        Download& download = *downloads_[index];
        if (events & (EPOLLHUP | EPOLLERR)) return end(index);
        if (events & EPOLLOUT) {
            epoll_change(epoll_.get(), download.peer.fd(), EPOLLIN, index);
            return ask(index, now_ns());
        }
        const std::uint64_t before = download.peer.bytes();
        const auto progress = download.peer.read(buffer_);
        bytes_ += download.peer.bytes() - before;
        if (progress == HttpPeer::Progress::over) return end(index);
        if (progress == HttpPeer::Progress::waiting) return;
        const std::int64_t now = now_ns();
        took_.add(now - download.asked_ns);
        ++answers_;
        constexpr int ok = 200;
        if (download.peer.answer().status() != ok) ++errors_;
        if (download.peer.answer().gzipped()) ++gzipped_;
        body_bytes_ += download.peer.answer().length();
        ask(index, now);
    }

    void ask(std::uint64_t index, std::int64_t now) {
        Download& download = *downloads_[index];
        download.asked_ns = now;
        if (!download.peer.ask(requests_[download.next], false)) return end(index);
        download.next = (download.next + 1) % requests_.size();
    }

    // It is not come back to: who serves is not to close what stays open.
    void end(std::uint64_t index) {
        ++ended_;
        downloads_[index].reset();
    }

    void report() {
        fmt::print(R"({{"at_ns":{},"open":{},"ended":{},"answers":{},"errors":{},"gzipped":{},"bytes":{},)"
                   R"("body_bytes":{},"took":{},"cpu_s":{:.3f}}})"
                   "\n",
                   now_ns(), downloads_.size() - ended_, ended_, answers_, errors_, gzipped_, bytes_,
                   body_bytes_, took_.json(), cpu_seconds());
        std::fflush(stdout);
        took_.clear();
    }

    const Options& options_;
    sockaddr_in to_;
    std::vector<std::string> requests_;
    std::vector<char> buffer_;
    net::UniqueFd signals_ = watch_signals();
    net::UniqueFd epoll_ = make_epoll();
    std::vector<std::unique_ptr<Download>> downloads_;
    std::size_t ended_ = 0;
    std::uint64_t answers_ = 0;
    std::uint64_t errors_ = 0;
    std::uint64_t gzipped_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t body_bytes_ = 0;
    Histogram took_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    CLI::App app("GETs files over and over and drops them");
    bench::Options options;
    app.add_option("--to", options.to, "address:port")->required();
    app.add_option("--path", options.paths, "what to ask for, in turn")->required();
    app.add_option("--connections", options.connections, "how many");
    app.add_option("--sources", options.sources, "addresses to come from");
    app.add_flag("--gzip", options.gzip, "say that gzip is taken");
    app.add_option("--head-bytes", options.head_bytes, "room for what is not dropped by the kernel");
    CLI11_PARSE(app, argc, argv);
    bench::Downloader(options).run();
    return 0;
}
