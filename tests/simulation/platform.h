// Platform: one place that a destination pushes to. It answers as its mood makes it: well, or in one of the
// ways in which platforms and networks fail. It keeps the books on what a destination may not do: connect too
// often, stay too long, come back after it was told no, lose frames of a healthy output. One thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/checker.h"
#include "simulation/network.h"

namespace simulation {

// Stands in every secret of the simulation, and nowhere else.
inline constexpr std::string_view canary = "canary-";

struct PlatformSettings {
    int number = 0;
    int stream = 0;
    bool healthy = true;
    bool tls = false;
    std::string key;
    // How often an attempt meets trouble, in percent.
    int trouble = 0;
    base::Duration flush_window = 100ms;
    // What a good way to it carries: this many KiB for each round of its latency.
    int least_capacity = 16;
};

using FindReference = std::function<const Reference*(std::uint32_t)>;

class Session;
enum class Service;

class Platform {
  public:
    Platform(World& world, PlatformSettings settings, FindReference references);
    ~Platform();

    const PlatformSettings& settings() const { return settings_; }
    bool is(const std::string& host) const { return host == name_ || host == other_name_; }
    // Where the newest destination is to push to. Each has a port of its own, by which it is told from the
    // ones before.
    std::string url() const { return url_of(name_); }
    std::string key() const { return settings_.key + std::to_string(version_); }
    bool knows(const std::string& key) const;

    // --- the network asks
    DialPlan plan(const net::DialTarget& target);
    WirePtr connected(const net::DialTarget& target, net::Loop& loop);
    void attempt_over(const net::DialTarget& target);

    // --- the show tells
    // The owner asked for another try: waits that a failure had imposed are over.
    void owner_retried();
    // Another destination is made for this platform: it knows nothing of the one before.
    void destination_made();
    // Something came between a refusal and the destination.
    void disturbed() { refusals_ = 0; }
    // What was published until now is to arrive before the present connection ends.
    void must_deliver(const Reference& reference);
    // The last connection was dropped without a farewell, as a stopping server may.
    void let_go() { let_go_ = true; }

    // --- the show asks
    // Holds the deadlines; called at every step.
    void check();
    bool accepting() const;
    std::size_t open_connections() const;
    // What destinations hold in memory for this platform's full socket.
    std::size_t held_back() const;
    std::uint64_t dials() const { return dials_; }

    // --- its sessions tell
    void refused() { ++refusals_; }
    void took_well() { refusals_ = 0; }
    std::string invite();
    bool let_go_allowed() const { return let_go_; }

  private:
    std::string url_of(const std::string& name) const;
    Path draw_path();
    bool is_newest(const net::DialTarget& target) const { return target.port == port(); }
    std::uint16_t port() const { return static_cast<std::uint16_t>(2'000 + version_); }

    World& world_;
    PlatformSettings settings_;
    FindReference references_;
    std::string name_;
    std::string other_name_;
    std::vector<std::unique_ptr<Session>> sessions_;

    std::optional<Service> always_;
    std::uint64_t dials_ = 0;
    int version_ = 0;
    bool dialing_ = false;
    std::optional<Time> dialed_at_;
    std::optional<Time> tls_failed_at_;
    int refusals_ = 0;
    bool invited_ = false;
    bool let_go_ = false;
};

}  // namespace simulation
