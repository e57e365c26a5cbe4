#include "app/process.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

namespace app {
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

void harden_process(bool core_dumps) {
    ::umask(077);
    std::signal(SIGPIPE, SIG_IGN);
    if (core_dumps) return;
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0);
}

std::uint64_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    return descriptor_limit();
}

std::uint64_t descriptor_limit() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

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

void Signals::force_after(std::chrono::seconds deadline) {
    std::signal(SIGALRM, give_up);
    ::alarm(static_cast<unsigned>(deadline.count()));
    const sigset_t set = stop_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

ProcessFacts process_facts() {
    ProcessFacts facts;
    std::uint64_t total_pages = 0;
    std::uint64_t resident_pages = 0;
    if (std::ifstream file("/proc/self/statm"); file >> total_pages >> resident_pages)
        facts.resident_bytes = resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    std::error_code ignored;
    for (const char* folder : {"/proc/self/fd", "/proc/self/task"}) {
        std::uint64_t entries = 0;
        for (std::filesystem::directory_iterator entry(folder, ignored), end; !ignored && entry != end;
             entry.increment(ignored))
            ++entries;
        (folder == std::string_view("/proc/self/fd") ? facts.open_descriptors : facts.threads) = entries;
    }
    facts.max_descriptors = descriptor_limit();
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0) {
        const auto seconds = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
        };
        facts.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    }
    return facts;
}

std::string reachable_address() {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return "localhost";
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(first, ::freeifaddrs);
    for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
        if ((one->ifa_flags & IFF_LOOPBACK) != 0 || (one->ifa_flags & IFF_UP) == 0) continue;
        std::array<char, INET_ADDRSTRLEN> text{};
        const auto* address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
        if (::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size()) != nullptr) return text.data();
    }
    return "localhost";
}

}  // namespace app
