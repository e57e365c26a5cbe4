// Sinks: servers that destinations publish to. They answer as far as the publish and then only read. One
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "net/unique_fd.h"

namespace bench {

class Sinks {
  public:
    Sinks();

    std::string url() const;
    // Waits until so many publishers have come and were accepted.
    void accept(std::size_t count);
    // Reads what comes until it has been quiet for that long; true when every sink got something.
    bool read_until_quiet(std::chrono::milliseconds quiet);
    // Reads exactly so many bytes at each sink. Ends the program when they do not come.
    void read(std::size_t bytes_each);
    void close();

  private:
    struct Sink {
        net::UniqueFd fd;
        std::uint64_t bytes = 0;
    };

    net::UniqueFd listener_;
    std::uint16_t port_ = 0;
    std::vector<Sink> sinks_;
};

// Says what went wrong and ends the program: a measurement that is not what it says is of no use.
[[noreturn]] void give_up(const std::string& what);

}  // namespace bench
