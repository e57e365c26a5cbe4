// PosixDisk: recordings as files below one folder, <folder>/<asset_id>/<number>.mp4, that only the server's
// user can read. No symbolic link is followed below the folder, and nothing outside it is reached. Owned by
// app/; any thread.
#pragma once

#include <filesystem>

#include "output/record/disk.h"

namespace output::record {

class PosixDisk final : public Disk {
  public:
    // Made when the first recording needs it.
    explicit PosixDisk(std::filesystem::path folder) : folder_(std::move(folder)) {}

    DiskResult<std::unique_ptr<File>> create(const std::string& asset_id, std::uint32_t number) override;
    DiskResult<std::unique_ptr<File>> open(const std::string& asset_id, std::uint32_t number) override;
    DiskResult<std::unique_ptr<File>> look(const std::string& asset_id, std::uint32_t number) override;
    DiskResult<std::vector<std::uint32_t>> list(const std::string& asset_id) override;
    DiskResult<> remove(const std::string& asset_id, std::uint32_t number) override;
    DiskResult<> remove_folder(const std::string& asset_id) override;
    DiskResult<> sync_folder(const std::string& asset_id) override;
    DiskResult<Recordings::Space> space() override;

  private:
    DiskResult<std::unique_ptr<File>> open_file(const std::string& asset_id, std::uint32_t number,
                                                std::uint64_t flags);

    std::filesystem::path folder_;
};

}  // namespace output::record
