#include "output/rtmp/probe.h"

#include <poll.h>

#include <array>
#include <future>

#include "output/rtmp/dial_problem.h"
#include "output/rtmp/rtmp_push.h"

namespace output::rtmp {

using media::OutputProblem;
using protocol::rtmp::ClientPurpose;
using protocol::rtmp::ClientSession;
using protocol::rtmp::ClientStep;

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto dial_limit = std::chrono::seconds(11);
constexpr auto session_limit = std::chrono::seconds(4);

std::string_view name_of(ClientStep step) {
    switch (step) {
        case ClientStep::handshake:
            return "handshake";
        case ClientStep::connect:
            return "connect";
        default:
            return "publish";
    }
}

// One RTMP conversation on a connected socket, step by step, on the calling thread.
class Conversation {
  public:
    Conversation(net::Transport& transport, protocol::rtmp::ClientSettings settings, TestReport& report)
        : transport_(transport), session_(std::move(settings), Clock::now()), report_(report) {}

    void run() {
        const auto give_up_at = Clock::now() + session_limit;
        while (true) {
            if (!send()) return;
            note_steps();
            if (const auto event = session_.next_event()) {
                if (std::holds_alternative<protocol::rtmp::PublishAccepted>(*event)) return finish();
                if (const auto* refused = std::get_if<protocol::rtmp::Refused>(&*event))
                    return fail(
                        OutputProblem::key_refused,
                        "the platform said no: " + (refused->text.empty() ? refused->code : refused->text));
                continue;
            }
            if (Clock::now() >= give_up_at)
                return fail(OutputProblem::handshake_timed_out,
                            "the server did not answer in time: is it an RTMP server?");
            if (!receive()) return;
        }
    }

  private:
    bool send() {
        base::Bytes out = session_.take_output();
        std::size_t sent = 0;
        while (sent < out.size()) {
            const iovec rest{out.data() + sent, out.size() - sent};
            const net::IoResult result = transport_.write_some(std::span(&rest, 1));
            if (result.status == net::IoStatus::would_block) {
                if (!wait(POLLOUT)) return lost("it takes no bytes");
                continue;
            }
            if (result.status != net::IoStatus::ok) return lost(result.error);
            sent += result.bytes;
        }
        return true;
    }

    bool receive() {
        std::array<std::uint8_t, 4096> buffer;
        const net::IoResult got = transport_.read_some(buffer);
        if (got.status == net::IoStatus::would_block) {
            (void)wait(POLLIN);
            return true;
        }
        if (got.status != net::IoStatus::ok)
            return lost(got.error.empty() ? "the server closed it" : got.error);
        const auto consumed = session_.consume(base::ByteView(buffer).first(got.bytes), Clock::now());
        if (consumed) return true;
        note_steps();
        fail(OutputProblem::protocol_error, "the server does not speak RTMP: " + consumed.error().message);
        return false;
    }

    bool wait(short events) {
        pollfd descriptor{transport_.fd(), events, 0};
        return ::poll(&descriptor, 1, 250) > 0 || events == POLLIN;
    }

    bool lost(const std::string& reason) {
        const bool at_key = name_of(step_) == "publish";
        fail(at_key ? OutputProblem::key_refused : OutputProblem::connection_lost,
             at_key ? "the platform closed the connection when it was given the stream key: the key is "
                      "probably wrong"
                    : "the connection was lost: " + reason);
        return false;
    }

    // Reports each step once the session has left it.
    void note_steps() {
        const ClientStep now = session_.step();
        if (now == ClientStep::failed || name_of(now) == name_of(step_)) return;
        report_.steps.push_back({std::string(name_of(step_)), true, took(), {}});
        step_ = now;
        step_began_ = Clock::now();
    }

    void finish() {
        report_.steps.push_back({"publish", true, took(), {}});
        report_.ok = true;
        session_.finish();
        (void)send();
        transport_.shutdown_write();
    }

    void fail(OutputProblem problem, const std::string& message) {
        report_.problem = problem;
        report_.steps.push_back({std::string(name_of(step_)), false, took(), message});
    }

    std::int64_t took() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - step_began_).count();
    }

    net::Transport& transport_;
    ClientSession session_;
    TestReport& report_;
    ClientStep step_ = ClientStep::handshake;
    Clock::time_point step_began_ = Clock::now();
};

// The way to the socket as people know it: whether an address may be used belongs to finding it.
void note_dialing(const net::Dialed& dialed, TestReport& report) {
    for (const net::DialTiming& timing : dialed.steps) {
        const bool failed = dialed.failure && dialed.failure->step == timing.step;
        const std::string message = failed ? dialed.failure->message : std::string();
        if (timing.step == net::DialStep::address) {
            // A port that is not allowed is told before any name is looked up.
            if (report.steps.empty())
                report.steps.push_back({"settings", !failed, 0, message});
            else if (failed)
                report.steps.back() = {"dns", false, report.steps.back().took_ms, message};
            continue;
        }
        report.steps.push_back({std::string(to_string(timing.step)), !failed, timing.took.count(), message});
    }
}

}  // namespace

TestReport test_connection(net::Dialer& dialer, const DesiredOutput& target) {
    TestReport report;
    const auto url = net::parse_push_url(target.url);
    if (!url) {
        report.problem = OutputProblem::misconfigured;
        report.steps.push_back({"settings", false, 0, url.error().message});
        return report;
    }
    auto promise = std::make_shared<std::promise<net::Dialed>>();
    auto answer = promise->get_future();
    const auto handle = dialer.dial({url->host, url->port, url->secure()},
                                    [promise](net::Dialed dialed) { promise->set_value(std::move(dialed)); });
    if (answer.wait_for(dial_limit) != std::future_status::ready) {
        report.problem = OutputProblem::connection_timed_out;
        report.steps.push_back({"tcp", false, 0, "the server did not answer"});
        return report;
    }
    net::Dialed dialed = answer.get();
    note_dialing(dialed, report);
    if (dialed.failure) {
        report.problem = to_problem(dialed.failure->problem);
        return report;
    }
    if (!url->is_rtmp()) {
        report.ok = true;
        return report;
    }
    auto settings = client_settings(*url, target.stream_key);
    settings.purpose = ClientPurpose::probe;
    Conversation(*dialed.transport, std::move(settings), report).run();
    return report;
}

}  // namespace output::rtmp
