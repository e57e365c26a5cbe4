#include "app/process/signals.h"

#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <string_view>

namespace app::process {
namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void give_up(int) {
    static constexpr std::string_view text = "everycast: the shutdown took too long; ending now\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    ::_exit(1);
}

}  // namespace

Signals::Signals() {
    const sigset_t set = stop_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::string Signals::wait() {
    const sigset_t set = stop_signals();
    int signal = 0;
    ::sigwait(&set, &signal);
    return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

bool Signals::wait_for(std::chrono::milliseconds duration) {
    using namespace std::chrono;
    const sigset_t set = stop_signals();
    const auto end = steady_clock::now() + duration;
    while (true) {
        const auto left = std::max<nanoseconds>(end - steady_clock::now(), nanoseconds(0));
        const auto whole = duration_cast<seconds>(left);
        const timespec patience{whole.count(), (left - whole).count()};
        if (::sigtimedwait(&set, nullptr, &patience) >= 0) return true;
        if (errno != EINTR) return false;
    }
}

void Signals::force_after(std::chrono::milliseconds deadline) {
    std::signal(SIGALRM, give_up);
    const std::int64_t us = std::chrono::microseconds(deadline).count();
    itimerval timer{};
    timer.it_value = {us / 1'000'000, us % 1'000'000};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
    const sigset_t set = stop_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace app::process
