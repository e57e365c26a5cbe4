// NumberFile: a number that no sequence number has passed, in a file, so that the next run of the server goes
// on above it even where the clock was set back meanwhile (decision 010). Written when the numbers come near
// it, not with each of them. Owned by app/; one thread that may wait for a disk.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/log.h"

namespace output::cmaf {

// How far ahead of the numbers it is written, and how near they come to it before it is written again.
inline constexpr std::uint64_t numbers_ahead = 1'024;
inline constexpr std::uint64_t numbers_left = numbers_ahead / 2;
// Players count to 2^53; a file that says more is not ours.
inline constexpr std::uint64_t max_kept_number = std::uint64_t{1} << 52;

class NumberFile {
  public:
    NumberFile(std::filesystem::path file, base::Logger log);

    // What it said at the start; 0 without a file, or with one that cannot be read.
    std::uint64_t kept() const { return kept_; }
    // `last` is the greatest that was given. Whatever the disk does, numbers go on: a failure is logged,
    // once.
    void keep(std::uint64_t last);
    // No more will be given.
    void finish(std::uint64_t last);

  private:
    void write(std::uint64_t number);

    const std::filesystem::path file_;
    const base::Logger log_;
    std::uint64_t kept_ = 0;
    bool fails_ = false;
};

}  // namespace output::cmaf
