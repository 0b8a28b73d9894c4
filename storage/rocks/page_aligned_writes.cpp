#include "storage/rocks/page_aligned_writes.h"

#include <rocksdb/file_system.h>

#include <algorithm>

namespace tally::storage::rocks {
namespace {

constexpr std::size_t kPageBytes = 4096;

class AlignedFile : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;
    [[nodiscard]] std::size_t GetRequiredBufferAlignment() const override {
        return std::max(kPageBytes, FSWritableFileOwnerWrapper::GetRequiredBufferAlignment());
    }
};

class AlignedFiles : public rocksdb::FileSystemWrapper {
  public:
    using FileSystemWrapper::FileSystemWrapper;
    [[nodiscard]] const char* Name() const override { return "PageAlignedWrites"; }
    rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override {
        auto status = FileSystemWrapper::NewWritableFile(path, options, file, debug);
        if (status.ok()) *file = std::make_unique<AlignedFile>(std::move(*file));
        return status;
    }
};

}  // namespace

rocksdb::Env* page_aligned_writes() {
    static auto* const environment =
        rocksdb::NewCompositeEnv(std::make_shared<AlignedFiles>(rocksdb::FileSystem::Default())).release();
    return environment;
}

}  // namespace tally::storage::rocks
