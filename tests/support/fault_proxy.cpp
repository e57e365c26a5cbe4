#include "support/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include "net/unique_fd.h"

namespace test_support {
namespace {

using net::UniqueFd;

constexpr int backlog = 1024;
// So many connects of our own fill a backlog of none.
constexpr int fillers = 3;

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
        errno = EINVAL;
        fail("not an IPv4 address");
    }
    return address;
}

UniqueFd new_socket(int receive_buffer) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) fail("socket");
    const int on = 1;
    (void)::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // The kernel doubles it; before connect and listen, so that the window is scaled by it.
    const int half = receive_buffer / 2;
    if (half > 0) (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &half, sizeof half);
    return fd;
}

void bind_to(int fd, const sockaddr_in& address) {
    const int on = 1;
    (void)::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
}

std::uint16_t port_of(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    (void)::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

void reset_and_close(UniqueFd& fd) {
    const linger now{1, 0};
    if (fd) (void)::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd.reset();
}

// A port named by number stays ours while nobody listens on it, so that it can refuse and open again.
UniqueFd bound_socket(const DoorSettings& settings) {
    for (int tries = 0;; ++tries) {
        sockaddr_in address = address_of(settings.listen_host, 0);
        {
            const UniqueFd finder = new_socket(0);
            bind_to(finder.get(), address);
            address.sin_port = htons(port_of(finder.get()));
        }
        UniqueFd fd = new_socket(settings.receive_buffer);
        try {
            bind_to(fd.get(), address);
            return fd;
        } catch (const std::system_error&) {
            if (tries == 10) throw;
        }
    }
}

struct Connection {
    Connection(UniqueFd from, UniqueFd to, const Faults& own_faults, std::uint32_t seed)
        : client(std::move(from)),
          target(std::move(to)),
          up(client.get(), target.get(), seed),
          down(target.get(), client.get(), seed + 1) {
        set(own_faults);
    }
    void set(const Faults& changed) {
        faults = changed;
        down.hang(changed.hang);
    }
    bool time_is_up(base::MonotonicTime now) const {
        return faults.reset_after_time && now >= accepted_at + *faults.reset_after_time;
    }

    UniqueFd client;
    UniqueFd target;
    bool target_connected = false;
    Faults faults;
    FaultFlow up;
    FaultFlow down;
    std::size_t number = 0;
    base::MonotonicTime accepted_at{};
    bool broken = false;
    // Both ways of the socket ended: poll says so again and again.
    bool client_hung_up = false;
    bool target_hung_up = false;
};

}  // namespace

class FaultProxy::Impl {
  public:
    struct DoorState {
        DoorSettings settings;
        UniqueFd listener;
        std::vector<UniqueFd> filling = {};
        std::set<std::uint16_t> filling_ports = {};  // not to be taken for connections
        Faults faults = {};
        std::map<std::size_t, Faults> own_faults = {};  // of single connections
        std::list<Connection> connections = {};
        DoorCounters counters = {};  // bytes: of connections that are over
        bool listening = false;
        bool closing = false;

        DoorCounters counters_now() const {
            DoorCounters now = counters;
            now.open = connections.size();
            for (const Connection& connection : connections) {
                now.bytes_up += connection.up.bytes();
                now.bytes_down += connection.down.bytes();
            }
            return now;
        }
        void forget(std::list<Connection>::iterator connection) {
            counters.bytes_up += connection->up.bytes();
            counters.bytes_down += connection->down.bytes();
            connections.erase(connection);
        }

        bool accepting() const {
            return faults.admission != Faults::Admission::closed_port &&
                   faults.admission != Faults::Admission::full_backlog && !closing;
        }
        const Faults& faults_of(std::size_t number) const {
            const auto own = own_faults.find(number);
            return own == own_faults.end() ? faults : own->second;
        }
        void admit(Faults::Admission admission);
    };

    Impl() : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (!wake_) fail("eventfd");
        thread_ = std::thread([this] { run(); });
    }
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake();
        thread_.join();
    }

    int open(const DoorSettings& settings, const Faults& faults, std::uint16_t& port) {
        auto door = std::make_unique<DoorState>();
        door->settings = settings;
        (void)address_of(settings.target_host, settings.target_port);
        door->listener = bound_socket(settings);
        port = port_of(door->listener.get());
        door->faults = faults;
        door->admit(faults.admission);
        const std::lock_guard lock(mutex_);
        doors_.emplace(++last_id_, std::move(door));
        wake();
        return last_id_;
    }

    // Calls `change` with the door, if it is still there; the loop looks at it anew afterwards.
    template <class Change>
    void with(int id, Change change) {
        const std::lock_guard lock(mutex_);
        const auto found = doors_.find(id);
        if (found == doors_.end() || found->second->closing) return;
        change(*found->second);
        wake();
    }

  private:
    void wake() {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
    }
    void run();
    void accept_at(DoorState& door, base::MonotonicTime now);
    void move(Connection& connection, short client_events, short target_events, base::MonotonicTime now);
    void tidy(base::MonotonicTime now);

    UniqueFd wake_;
    std::mutex mutex_;
    std::map<int, std::unique_ptr<DoorState>> doors_;
    int last_id_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

void FaultProxy::Impl::DoorState::admit(Faults::Admission admission) {
    filling.clear();
    if (admission != Faults::Admission::closed_port) listening = true;
    switch (admission) {
        case Faults::Admission::closed_port:
            // A listener that is shut down is a plain bound socket again; one that does not listen would keep
            // the mark of it.
            if (listening) (void)::shutdown(listener.get(), SHUT_RDWR);
            listening = false;
            return;
        case Faults::Admission::full_backlog: {
            if (::listen(listener.get(), 0) != 0) fail("listen");
            const sockaddr_in self = address_of(settings.listen_host, port_of(listener.get()));
            for (int i = 0; i < fillers; ++i) {
                filling.push_back(new_socket(0));
                (void)::connect(filling.back().get(), reinterpret_cast<const sockaddr*>(&self), sizeof self);
                filling_ports.insert(port_of(filling.back().get()));
            }
            return;
        }
        default:
            if (::listen(listener.get(), backlog) != 0) fail("listen");
    }
}

void FaultProxy::Impl::accept_at(DoorState& door, base::MonotonicTime now) {
    while (true) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        UniqueFd client(::accept4(door.listener.get(), reinterpret_cast<sockaddr*>(&peer), &size,
                                  SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!client) return;
        if (door.filling_ports.erase(ntohs(peer.sin_port)) > 0) continue;
        const std::size_t number = door.counters.accepted.size();
        door.counters.accepted.push_back(now);
        if (door.faults.admission == Faults::Admission::closed_at_accept) continue;
        if (door.faults.admission == Faults::Admission::reset_at_accept) {
            reset_and_close(client);
            continue;
        }
        const int on = 1;
        (void)::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        UniqueFd target = new_socket(door.settings.receive_buffer);
        const sockaddr_in to = address_of(door.settings.target_host, door.settings.target_port);
        if (::connect(target.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 &&
            errno != EINPROGRESS) {
            reset_and_close(client);
            continue;
        }
        door.connections.emplace_back(std::move(client), std::move(target), door.faults_of(number),
                                      door.settings.seed + 2 * static_cast<std::uint32_t>(number));
        door.connections.back().number = number;
        door.connections.back().accepted_at = now;
    }
}

void FaultProxy::Impl::move(Connection& connection, short client_events, short target_events,
                            base::MonotonicTime now) {
    const auto check = [&](FaultFlow::Step step) {
        if (step == FaultFlow::Step::reset) connection.broken = true;
    };
    // An error is a reset by one side, or a target that cannot be reached: the other side is told.
    if (((client_events | target_events) & (POLLERR | POLLNVAL)) != 0) {
        connection.broken = true;
        return;
    }
    if ((target_events & POLLOUT) != 0) connection.target_connected = true;
    connection.client_hung_up = connection.client_hung_up || (client_events & POLLHUP) != 0;
    connection.target_hung_up = connection.target_hung_up || (target_events & POLLHUP) != 0;
    Faults& faults = connection.faults;
    if ((client_events & (POLLIN | POLLHUP)) != 0 && connection.up.wants_to_read(faults.up, now))
        check(connection.up.read(faults.up, now));
    if ((target_events & (POLLIN | POLLHUP)) != 0 && connection.down.wants_to_read(faults.down, now))
        check(connection.down.read(faults.down, now));
    if (connection.target_connected && connection.up.wants_to_write(now))
        check(connection.up.write(faults.up, now));
    if (connection.down.wants_to_write(now)) check(connection.down.write(faults.down, now));
}

void FaultProxy::Impl::tidy(base::MonotonicTime now) {
    for (auto place = doors_.begin(); place != doors_.end();) {
        DoorState& door = *place->second;
        for (auto it = door.connections.begin(); it != door.connections.end();) {
            const auto next = std::next(it);
            Connection& connection = *it;
            if (connection.target_connected &&
                connection.up.settle(connection.faults.up, now) == FaultFlow::Step::reset)
                connection.broken = true;
            if (connection.down.settle(connection.faults.down, now) == FaultFlow::Step::reset)
                connection.broken = true;
            if (connection.broken || connection.time_is_up(now) || door.closing || stopping_) {
                reset_and_close(connection.client);
                reset_and_close(connection.target);
                door.forget(it);
            } else if (connection.up.over() && connection.down.over()) {
                door.forget(it);
            }
            it = next;
        }
        place = door.closing || stopping_ ? doors_.erase(place) : std::next(place);
    }
}

void FaultProxy::Impl::run() {
    struct Watched {
        DoorState* door = nullptr;
        Connection* connection = nullptr;  // its target is watched by the next entry
    };
    std::vector<pollfd> polled;
    std::vector<Watched> watched;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        auto now = std::chrono::steady_clock::now();
        std::optional<base::MonotonicTime> wake_at;
        const auto wake_by = [&wake_at](const std::optional<base::MonotonicTime>& time) {
            if (time) wake_at = wake_at ? std::min(*wake_at, *time) : time;
        };
        polled.assign(1, {wake_.get(), POLLIN, 0});
        watched.assign(1, {});
        for (const auto& [id, door] : doors_) {
            if (door->accepting()) {
                polled.push_back({door->listener.get(), POLLIN, 0});
                watched.push_back({door.get(), nullptr});
            }
            for (Connection& connection : door->connections) {
                const bool reads_up = connection.up.wants_to_read(connection.faults.up, now);
                const bool reads_down = connection.down.wants_to_read(connection.faults.down, now);
                const bool writes_up = connection.up.wants_to_write(now) || !connection.target_connected;
                const bool writes_down = connection.down.wants_to_write(now);
                const auto entry = [](const UniqueFd& fd, bool reads, bool writes, bool hung_up) {
                    const auto events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
                    return pollfd{events == 0 && hung_up ? -1 : fd.get(), events, 0};
                };
                polled.push_back(entry(connection.client, reads_up, writes_down, connection.client_hung_up));
                polled.push_back(entry(connection.target, reads_down, writes_up, connection.target_hung_up));
                watched.push_back({door.get(), &connection});
                watched.push_back({});
                wake_by(connection.up.wakes_at(connection.faults.up, now));
                wake_by(connection.down.wakes_at(connection.faults.down, now));
                if (connection.faults.reset_after_time)
                    wake_by(connection.accepted_at + *connection.faults.reset_after_time);
            }
        }
        timespec wait{};
        if (wake_at && *wake_at > now) {
            const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(*wake_at - now).count();
            wait = {left / 1'000'000'000, left % 1'000'000'000};
        }
        lock.unlock();
        (void)::ppoll(polled.data(), polled.size(), wake_at ? &wait : nullptr, nullptr);
        lock.lock();
        now = std::chrono::steady_clock::now();
        std::uint64_t ignored = 0;
        [[maybe_unused]] const ssize_t drained = ::read(wake_.get(), &ignored, sizeof ignored);
        for (std::size_t i = 1; i < polled.size(); ++i) {
            if (watched[i].connection)
                move(*watched[i].connection, polled[i].revents, polled[i + 1].revents, now);
            else if (watched[i].door && polled[i].revents != 0 && watched[i].door->accepting())
                accept_at(*watched[i].door, now);
        }
        tidy(now);
    }
    tidy(std::chrono::steady_clock::now());
}

FaultProxy::FaultProxy() : impl_(std::make_shared<Impl>()) {}
FaultProxy::~FaultProxy() {
    impl_->stop();
}

FaultProxy::Door FaultProxy::open(const DoorSettings& settings, const Faults& faults) {
    std::uint16_t port = 0;
    const int id = impl_->open(settings, faults, port);
    return {impl_, id, port};
}
FaultProxy::Door FaultProxy::open(std::uint16_t target_port, const Faults& faults) {
    return open(DoorSettings{.target_port = target_port}, faults);
}

void FaultProxy::Door::set(const Faults& faults) {
    impl_->with(id_, [&](Impl::DoorState& door) {
        const bool admits_otherwise = door.faults.admission != faults.admission;
        door.faults = faults;
        door.own_faults.clear();
        if (admits_otherwise) door.admit(faults.admission);
        for (Connection& connection : door.connections) connection.set(faults);
    });
}
void FaultProxy::Door::set(std::size_t connection, const Faults& faults) {
    impl_->with(id_, [&](Impl::DoorState& door) {
        door.own_faults[connection] = faults;
        for (Connection& there : door.connections)
            if (there.number == connection) there.set(faults);
    });
}
void FaultProxy::Door::reset() {
    impl_->with(id_, [](Impl::DoorState& door) {
        for (Connection& connection : door.connections) connection.broken = true;
    });
}
void FaultProxy::Door::close() {
    impl_->with(id_, [](Impl::DoorState& door) {
        (void)::shutdown(door.listener.get(), SHUT_RDWR);
        door.closing = true;
    });
}
DoorCounters FaultProxy::Door::counters() const {
    DoorCounters counters;
    impl_->with(id_, [&](Impl::DoorState& door) { counters = door.counters_now(); });
    return counters;
}

}  // namespace test_support
