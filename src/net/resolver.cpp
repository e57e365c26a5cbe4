#include "net/resolver.h"

#include <ares.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <thread>

#include "net/unique_fd.h"

namespace net {
namespace {

constexpr std::size_t max_addresses = 16;

std::string describe(int status) {
    switch (status) {
        case ARES_ENOTFOUND:
        case ARES_ENODATA:
            return "no such host: check the spelling of the server's name";
        case ARES_ETIMEOUT:
            return "the name server did not answer";
        case ARES_ESERVFAIL:
            return "the name server failed to look the name up";
        case ARES_ECONNREFUSED:
            return "the name server could not be reached";
        default:
            return ares_strerror(status);
    }
}

// c-ares keeps process-wide state that must be set up once, before any thread uses it.
bool library_ready() {
    static const bool ready = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
    return ready;
}

}  // namespace

class Resolver::Impl {
  public:
    explicit Impl(const ResolverSettings& settings)
        : settings_(settings), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        ares_options options{};
        options.tries = 2;
        // Two tries that fill the deadline: c-ares doubles the time out from one to the next.
        options.timeout = static_cast<int>(settings.deadline.count() / 3);
        usable_ = library_ready() &&
                  ares_init_options(&channel_, &options, ARES_OPT_TRIES | ARES_OPT_TIMEOUTMS) == ARES_SUCCESS;
        if (usable_ && !settings.servers.empty())
            usable_ = ares_set_servers_ports_csv(channel_, settings.servers.c_str()) == ARES_SUCCESS;
        if (usable_) {
            thread_ = std::thread([this] { run(); });
            pthread_setname_np(thread_.native_handle(), "resolver");
        }
    }

    ~Impl() {
        stopping_ = true;
        wake();
        if (thread_.joinable()) thread_.join();
        if (channel_) ares_destroy(channel_);  // answers what is still open
        for (Question& never_asked : asked_)
            never_asked.answer(base::fail(base::ErrorCode::closed, "the server is stopping"));
    }

    void resolve(const std::string& host, Answer answer) {
        if (!usable_) {
            answer(
                base::fail(base::ErrorCode::internal, "the resolver could not be set up: check dns_servers"));
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            asked_.push_back({host, std::move(answer)});
        }
        wake();
    }

  private:
    struct Question {
        std::string host;
        Answer answer;
    };

    void wake() {
        const std::uint64_t one = 1;
        // A full counter means that the thread is woken already.
        (void)!::write(wake_.get(), &one, sizeof one);
    }

    void run() {
        while (!stopping_) {
            ask_what_is_new();
            wait_for_answers();
        }
    }

    void ask_what_is_new() {
        std::vector<Question> asked;
        {
            const std::lock_guard lock(mutex_);
            asked.swap(asked_);
        }
        for (Question& question : asked) {
            ares_addrinfo_hints hints{};
            hints.ai_family = AF_UNSPEC;
            hints.ai_socktype = SOCK_STREAM;
            auto* owned = new Question(std::move(question));
            ares_getaddrinfo(channel_, owned->host.c_str(), nullptr, &hints, &Impl::on_answer, owned);
        }
    }

    void wait_for_answers() {
        ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
        const int mask = ares_getsock(channel_, sockets, ARES_GETSOCK_MAXNUM);
        std::vector<pollfd> fds{{wake_.get(), POLLIN, 0}};
        for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
            const short events = static_cast<short>((ARES_GETSOCK_READABLE(mask, i) ? POLLIN : 0) |
                                                    (ARES_GETSOCK_WRITABLE(mask, i) ? POLLOUT : 0));
            if (events != 0) fds.push_back({sockets[i], events, 0});
        }
        timeval longest{1, 0};
        timeval scratch{};
        const timeval* wait = ares_timeout(channel_, &longest, &scratch);
        const int milliseconds = static_cast<int>(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1);
        ::poll(fds.data(), fds.size(), milliseconds);
        std::uint64_t drained = 0;
        (void)!::read(wake_.get(), &drained, sizeof drained);
        for (std::size_t i = 1; i < fds.size(); ++i) {
            const bool readable = (fds[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
            const bool writable = (fds[i].revents & POLLOUT) != 0;
            ares_process_fd(channel_, readable ? fds[i].fd : ARES_SOCKET_BAD,
                            writable ? fds[i].fd : ARES_SOCKET_BAD);
        }
        ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }

    static void on_answer(void* context, int status, int /*timeouts*/, ares_addrinfo* found) {
        const std::unique_ptr<Question> question(static_cast<Question*>(context));
        std::vector<boost::asio::ip::address> addresses;
        for (const ares_addrinfo_node* node = found ? found->nodes : nullptr; node; node = node->ai_next) {
            if (addresses.size() == max_addresses) break;
            if (node->ai_family == AF_INET) {
                const auto* in = reinterpret_cast<const sockaddr_in*>(node->ai_addr);
                addresses.emplace_back(boost::asio::ip::address_v4(ntohl(in->sin_addr.s_addr)));
            } else if (node->ai_family == AF_INET6) {
                const auto* in = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
                boost::asio::ip::address_v6::bytes_type bytes;
                std::copy_n(in->sin6_addr.s6_addr, bytes.size(), bytes.begin());
                addresses.emplace_back(boost::asio::ip::address_v6(bytes, in->sin6_scope_id));
            }
        }
        if (found) ares_freeaddrinfo(found);
        if (status == ARES_EDESTRUCTION)
            question->answer(base::fail(base::ErrorCode::closed, "the server is stopping"));
        else if (status != ARES_SUCCESS || addresses.empty())
            question->answer(base::fail(base::ErrorCode::network,
                                        describe(status == ARES_SUCCESS ? ARES_ENODATA : status)));
        else
            question->answer(std::move(addresses));
    }

    ResolverSettings settings_;
    UniqueFd wake_;
    ares_channel channel_ = nullptr;
    bool usable_ = false;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::vector<Question> asked_;
    std::thread thread_;
};

Resolver::Resolver(const ResolverSettings& settings) : impl_(std::make_unique<Impl>(settings)) {}
Resolver::~Resolver() = default;

void Resolver::resolve(const std::string& host, Answer answer) {
    boost::system::error_code not_literal;
    const auto address = boost::asio::ip::make_address(host, not_literal);
    if (!not_literal)
        answer(std::vector{address});
    else
        impl_->resolve(host, std::move(answer));
}

}  // namespace net
