#include "simulation/platform.h"

#include <algorithm>

#include "simulation/session.h"

namespace simulation {
namespace {

constexpr auto shortest_between_dials = 1s;
constexpr auto after_tls_failure = 30s;
constexpr int most_refusals = 3;
// Deadlines are kept by a tick of 100 ms, and posts and timers are a little late.
constexpr auto slack = 300ms;
constexpr auto connect_deadline = 10s;
constexpr auto ever = std::chrono::hours(24);

}  // namespace

Platform::Platform(World& world, PlatformSettings settings, FindReference references)
    : world_(world),
      settings_(std::move(settings)),
      references_(std::move(references)),
      name_("p" + std::to_string(settings_.number) + ".example"),
      other_name_("q" + std::to_string(settings_.number) + ".example") {
    // Some were given a wrong key, and never take it.
    if (!settings_.healthy && world_.random.percent(12)) always_ = draw_refusal(world_.random);
}

Platform::~Platform() = default;

std::string Platform::url_of(const std::string& name) const {
    // Some platforms put secrets into the URL as well.
    return std::string(settings_.tls ? "rtmps" : "rtmp") + "://" + name + ":" + std::to_string(port()) +
           "/app?token=" + settings_.key;
}

bool Platform::knows(const std::string& key) const {
    return key.starts_with(settings_.key) && key.size() > settings_.key.size();
}

std::string Platform::invite() {
    invited_ = true;
    return url_of(other_name_);
}

DialPlan Platform::plan(const net::DialTarget& target) {
    const Time now = world_.now();
    const int who = settings_.number;
    world_.note("is dialled", who, static_cast<std::int64_t>(++dials_));
    if (!is_newest(target)) return {net::DialProblem::refused, 1ms};
    world_.require(!dialing_, "a destination connects twice at once", who);
    if (dialed_at_)
        world_.require(now - *dialed_at_ >= shortest_between_dials, "more than one connect a second", who,
                       (now - *dialed_at_).count() / 1'000'000);
    if (tls_failed_at_)
        world_.require(now - *tls_failed_at_ >= after_tls_failure, "connects too soon after TLS had failed",
                       who, (now - *tls_failed_at_).count() / 1'000'000);
    world_.require(refusals_ < most_refusals, "goes on after its key was refused", who, refusals_);
    if (target.host == other_name_)
        world_.require(std::exchange(invited_, false), "goes where it was not asked to go", who);
    dialing_ = true;
    dialed_at_ = now;
    tls_failed_at_.reset();

    Random& random = world_.random;
    DialPlan plan;
    plan.takes = random.between(1ms, settings_.healthy ? 50ms : 800ms);
    if (!random.percent(settings_.trouble / 2)) return plan;
    using net::DialProblem;
    switch (random.between(0, 5)) {
        case 0:
        case 1:
            plan.problem = DialProblem::refused;
            break;
        case 2:
            plan.problem = DialProblem::dns_failed;
            plan.takes = random.between(1ms, 3s);
            break;
        case 3:
            plan.problem = DialProblem::timed_out;
            plan.takes = random.between(4s, 10s);
            break;
        case 4:
            plan.problem = DialProblem::unreachable;
            break;
        case 5:
            if (settings_.tls) plan.problem = DialProblem::tls_failed;
            break;
        default:
            break;
    }
    if (plan.problem) world_.note("cannot be reached", who, static_cast<std::int64_t>(*plan.problem));
    if (plan.problem == DialProblem::tls_failed) tls_failed_at_ = now + plan.takes;
    return plan;
}

Path Platform::draw_path() {
    Random& random = world_.random;
    Path path;
    path.latency = random.between(1ms, 20ms);
    path.capacity =
        static_cast<std::size_t>(random.between(settings_.least_capacity, 8 * settings_.least_capacity)) *
        1024;
    if (random.percent(3)) path.slice = static_cast<std::size_t>(random.between(1, 40));
    if (!random.percent(settings_.trouble)) return path;
    const auto position = [&] { return static_cast<std::uint64_t>(random.between(1, 40'000)); };
    switch (random.between(0, 5)) {
        case 0:
            path.reset_after = position();
            break;
        case 1:
            path.hole_after = position();
            path.hole = random.percent(40) ? ever : random.between(100ms, 16s);
            path.capacity = static_cast<std::size_t>(random.between(2, 16)) * 1024;
            break;
        case 2:
            path.bytes_per_second = random.between(300, 6'000);
            path.capacity = static_cast<std::size_t>(random.between(2, 16)) * 1024;
            break;
        case 3:
            // Behind the handshake: what it carries is random, and would not replay.
            if (random.percent(50))
                path.flip_after = 3'200 + position();
            else
                path.flip_down_after = 3'100 + static_cast<std::uint64_t>(random.between(0, 500));
            break;
        case 4:
            path.slice = static_cast<std::size_t>(random.between(1, 3));
            break;
        default:
            path.latency = random.between(50ms, 600ms);
            break;
    }
    return path;
}

void Platform::attempt_over(const net::DialTarget& target) {
    if (!is_newest(target)) return;
    dialing_ = false;
    // Given up before anybody could tell.
    if (tls_failed_at_ && world_.now() < *tls_failed_at_) tls_failed_at_.reset();
}

WirePtr Platform::connected(const net::DialTarget& target, net::Loop& loop) {
    if (is_newest(target)) dialing_ = false;
    Service service = world_.random.percent(settings_.trouble) ? draw_trouble(world_.random) : Service::good;
    if (always_) service = *always_;
    // Who is refused is to hear of it: that is what the count of refusals rests on.
    Path path = refuses(service) ? Path{} : draw_path();
    // A flipped address would lead to another platform, and confuse its books.
    if (service == Service::come_again) path.flip_down_after = 0;
    auto wire = std::make_shared<Wire>(world_, loop, path, settings_.number);
    world_.note("is connected to", settings_.number, static_cast<std::int64_t>(service));
    sessions_.push_back(std::make_unique<Session>(world_, *this, wire, service, path, references_,
                                                  dialed_at_.value_or(world_.now())));
    return wire;
}

void Platform::owner_retried() {
    tls_failed_at_.reset();
    refusals_ = 0;
}

void Platform::destination_made() {
    ++version_;
    owner_retried();
    dialed_at_.reset();
    dialing_ = false;
    invited_ = false;
}

void Platform::must_deliver(const Reference& reference) {
    for (const auto& session : sessions_) session->must_deliver(reference);
}

void Platform::check() {
    if (dialing_)
        world_.require(world_.now() - *dialed_at_ <= connect_deadline + slack,
                       "an attempt to connect outlives its deadline", settings_.number);
    for (const auto& session : sessions_) session->check();
    std::erase_if(sessions_, [](const auto& session) { return session->over(); });
}

bool Platform::accepting() const {
    return std::any_of(sessions_.begin(), sessions_.end(),
                       [](const auto& session) { return session->accepted() && !session->over(); });
}

std::size_t Platform::open_connections() const {
    return static_cast<std::size_t>(std::count_if(
        sessions_.begin(), sessions_.end(), [](const auto& session) { return session->wire().open(); }));
}

std::size_t Platform::held_back() const {
    std::size_t bytes = 0;
    for (const auto& session : sessions_) bytes += session->wire().held_back();
    return bytes;
}

}  // namespace simulation
