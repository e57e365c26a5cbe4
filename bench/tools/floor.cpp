// bench_floor: what the kernel alone asks for. One loop writes the bytes of a show to so many sockets, each
// socket once a period (the sockets spread over it) or once a frame, in one piece or gathered in chunks, and
// does nothing else. SIGUSR1 prints what was written, as one line of JSON; SIGTERM ends it.
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include "bench/tools/show.h"
#include "bench/tools/sockets.h"
#include "bench/tools/stamp.h"

namespace bench {
namespace {

struct Options {
    std::string to;
    std::size_t sockets = 100;
    std::uint32_t kbps = 6'000;
    double period_ms = 100;  // 0: one write for each frame
    std::size_t chunk = 0;   // 0: all in one piece
};

// As the server's own (net::SocketOptions).
constexpr int send_buffer = 256 * 1024;
constexpr std::int64_t tick_ns = 10'000'000;

class Floor {
  public:
    explicit Floor(const Options& options) : options_(options), show_(options.kbps) {
        const sockaddr_in to = parse_address(options.to);
        for (std::size_t i = 0; i < options.sockets; ++i) {
            sockets_.push_back({start_connecting(to, {}), 0});
            ::setsockopt(sockets_.back().fd.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
        }
    }

    void run() {
        epoll_add(epoll_.get(), signals_.get(), EPOLLIN, 0);
        say_ready();
        const std::int64_t began = now_ns();
        const auto period = static_cast<std::int64_t>(options_.period_ms * 1e6);
        const std::int64_t tick = std::min(tick_ns, period);
        std::int64_t next_tick = began;
        // Each socket's next turn, in the order in which the turns come round.
        std::size_t turn = 0;
        std::int64_t round = 0;
        while (true) {
            epoll_event event{};
            const std::int64_t wake = period == 0 ? began + show_.next().due_ns : next_tick;
            if (epoll_wait_until(epoll_.get(), &event, 1, wake) > 0) {
                if (read_signal(signals_.get()) != SIGUSR1) return;
                report();
                continue;
            }
            const std::int64_t now = now_ns();
            for (; began + show_.next().due_ns <= now; show_.advance()) {
                published_ += show_.next().size;
                if (period != 0) continue;
                for (Socket& socket : sockets_) write(socket);
            }
            if (period == 0) continue;
            next_tick += tick;
            const auto due = [&] {
                return began + round * period +
                       static_cast<std::int64_t>(turn) * period / static_cast<std::int64_t>(sockets_.size());
            };
            while (due() <= now) {
                write(sockets_[turn]);
                if (++turn < sockets_.size()) continue;
                turn = 0;
                ++round;
            }
        }
    }

  private:
    struct Socket {
        net::UniqueFd fd;
        std::uint64_t sent = 0;
    };

    void write(Socket& socket) {
        while (socket.sent < published_) {
            const std::size_t at = socket.sent % noise_size;
            const std::size_t size =
                gather(at, std::min<std::size_t>(published_ - socket.sent, noise_size - at));
            msghdr header{};
            header.msg_iov = parts_.data();
            header.msg_iovlen = parts_.size();
            const ssize_t wrote = ::sendmsg(socket.fd.get(), &header, MSG_NOSIGNAL);
            if (wrote < 0) {
                if (errno != EAGAIN) give_up("the sink went away");
                ++refused_;
                return;
            }
            ++writes_;
            bytes_ += static_cast<std::uint64_t>(wrote);
            socket.sent += static_cast<std::uint64_t>(wrote);
            if (static_cast<std::size_t>(wrote) < size) {
                ++refused_;
                return;
            }
        }
    }

    // Puts bytes of the show into `parts_`, as many of `size` as one call can take, and says how many. In
    // chunks, a header of one byte stands between them, from elsewhere: who copies no payload cannot but
    // gather them.
    std::size_t gather(std::size_t at, std::size_t size) {
        constexpr std::size_t most_parts = 1024;
        static std::uint8_t chunk_header = 0xc4;
        parts_.clear();
        std::size_t gathered = 0;
        while (gathered < size && parts_.size() + 2 <= most_parts) {
            if (!parts_.empty()) {
                parts_.push_back({&chunk_header, 1});
                if (++gathered == size) break;
            }
            const std::size_t left = size - gathered;
            const std::size_t piece = options_.chunk == 0 ? left : std::min(left, options_.chunk);
            parts_.push_back({const_cast<std::uint8_t*>(noise().data()) + at + gathered, piece});
            gathered += piece;
        }
        return gathered;
    }

    void report() {
        fmt::print(R"({{"at_ns":{},"writes":{},"bytes":{},"refused":{},"cpu_s":{:.3f}}})"
                   "\n",
                   now_ns(), writes_, bytes_, refused_, cpu_seconds());
        std::fflush(stdout);
    }

    const Options& options_;
    Show show_;
    net::UniqueFd signals_ = watch_signals();
    net::UniqueFd epoll_ = make_epoll();
    std::vector<Socket> sockets_;
    std::vector<iovec> parts_;
    std::uint64_t published_ = 0;
    std::uint64_t writes_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t refused_ = 0;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    CLI::App app("Writes a show's bytes to many sockets and does nothing else");
    bench::Options options;
    app.add_option("--to", options.to, "address:port that reads")->required();
    app.add_option("--sockets", options.sockets);
    app.add_option("--kbps", options.kbps);
    app.add_option("--period-ms", options.period_ms, "0: once a frame");
    app.add_option("--chunk", options.chunk, "in chunks of so many bytes, as RTMP; 0: in one piece");
    CLI11_PARSE(app, argc, argv);
    (void)bench::noise();
    bench::Floor(options).run();
    return 0;
}
