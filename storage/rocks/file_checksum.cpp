#include "storage/rocks/file_checksum.h"

#include "crypto/hash.h"
#include "storage/rocks/database.h"

namespace tally::storage::rocks {
namespace {

class Crc32c : public rocksdb::FileChecksumGenerator {
  public:
    void Update(const char* data, std::size_t size) override { sum_ = crypto::crc32c(bytes_of({data, size}), sum_); }
    void Finalize() override { put_big_endian(text_, sum_, 4); }
    [[nodiscard]] std::string GetChecksum() const override { return text_; }
    [[nodiscard]] const char* Name() const override { return "FileChecksumCrc32c"; }

  private:
    std::uint32_t sum_ = 0;
    std::string text_;
};

class Crc32cFactory : public rocksdb::FileChecksumGenFactory {
  public:
    [[nodiscard]] const char* Name() const override { return "FileChecksumGenCrc32cFactory"; }
    std::unique_ptr<rocksdb::FileChecksumGenerator> CreateFileChecksumGenerator(
        const rocksdb::FileChecksumGenContext& context) override {
        if (!context.requested_checksum_func_name.empty() && context.requested_checksum_func_name != Crc32c().Name()) {
            return nullptr;
        }
        return std::make_unique<Crc32c>();
    }
};

}  // namespace

std::shared_ptr<rocksdb::FileChecksumGenFactory> file_checksums() { return std::make_shared<Crc32cFactory>(); }

}  // namespace tally::storage::rocks
