#include "binary/elf.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "binary/elf_image.h"

namespace chanspect::binary {
namespace {

/// More sections or segments than any linker or core file writes (a core has one segment a mapping,
/// of which the kernel allows 65,530 unless told otherwise).
constexpr std::uint64_t kMostHeaders = 1 << 20;

std::unexpected<Error> bad(std::string why) {
  return fail(ErrorCode::bad_data, "cannot read the ELF file", std::move(why));
}

Result<Elf64_Ehdr> read_file_header(const FileBytes& file) {
  const auto bytes = file.read(0, sizeof(Elf64_Ehdr));
  if (!bytes) return bad("it is shorter than an ELF header");
  const auto header = *load<Elf64_Ehdr>(*bytes, 0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return bad("no ELF magic at its start");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
    return fail(ErrorCode::unsupported, "cannot read the ELF file",
                "it is not a 64-bit little-endian one");
  return header;
}

/// Where a table of headers lies, with the counts that overflow the file header's 16 bits resolved
/// through section 0 (see elf(5): PN_XNUM, SHN_XINDEX).
struct HeaderTables {
  std::uint64_t section_count = 0, segment_count = 0, name_section = 0;
};

Result<HeaderTables> count_headers(const FileBytes& file, const Elf64_Ehdr& header) {
  HeaderTables tables{header.e_shnum, header.e_phnum, header.e_shstrndx};
  if (header.e_shoff != 0) {
    if (header.e_shentsize != sizeof(Elf64_Shdr)) return bad("odd size of section headers");
    const auto bytes = file.read(header.e_shoff, sizeof(Elf64_Shdr));
    if (!bytes) return bad("its section headers lie outside it");
    const auto first = *load<Elf64_Shdr>(*bytes, 0);
    if (header.e_shnum == 0) tables.section_count = first.sh_size;
    if (header.e_phnum == PN_XNUM) tables.segment_count = first.sh_info;
    if (header.e_shstrndx == SHN_XINDEX) tables.name_section = first.sh_link;
  } else {
    tables.section_count = 0;
  }
  if (tables.segment_count != 0 && header.e_phentsize != sizeof(Elf64_Phdr))
    return bad("odd size of program headers");
  if (tables.section_count > kMostHeaders || tables.segment_count > kMostHeaders)
    return bad("an impossible number of headers");
  return tables;
}

Result<std::vector<Segment>> read_segments(const FileBytes& file, std::uint64_t offset,
                                           std::uint64_t count) {
  std::vector<Segment> segments;
  if (count == 0) return segments;
  const auto bytes = file.read(offset, count * sizeof(Elf64_Phdr));
  if (!bytes) return bad("its program headers lie outside it");
  segments.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto header = *load<Elf64_Phdr>(*bytes, i * sizeof(Elf64_Phdr));
    segments.push_back({header.p_type, header.p_flags, header.p_offset, header.p_vaddr,
                        header.p_filesz, header.p_memsz});
  }
  return segments;
}

Result<std::vector<Section>> read_sections(const FileBytes& file, std::uint64_t offset,
                                           std::uint64_t count, std::uint64_t name_section) {
  std::vector<Section> sections;
  if (count == 0) return sections;
  const auto bytes = file.read(offset, count * sizeof(Elf64_Shdr));
  if (!bytes) return bad("its section headers lie outside it");

  const auto header_of = [&](std::uint64_t i) {
    return *load<Elf64_Shdr>(*bytes, i * sizeof(Elf64_Shdr));
  };
  Bytes names;
  if (name_section < count)
    names = file.read(header_of(name_section).sh_offset, header_of(name_section).sh_size)
                .value_or(Bytes());

  sections.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Elf64_Shdr header = header_of(i);
    sections.push_back({c_string(names, header.sh_name).value_or(std::string_view()),
                        header.sh_type, header.sh_flags, header.sh_addr, header.sh_offset,
                        header.sh_size, header.sh_link, header.sh_entsize});
  }
  return sections;
}

Result<void> read_headers(const FileBytes& file, std::uint16_t& machine, std::uint16_t& type,
                          std::uint64_t& entry, std::vector<Section>& sections,
                          std::vector<Segment>& segments) {
  CS_TRY(const Elf64_Ehdr header, read_file_header(file));
  CS_TRY(const HeaderTables tables, count_headers(file, header));
  machine = header.e_machine;
  type = header.e_type;
  entry = header.e_entry;
  CS_TRY(segments, read_segments(file, header.e_phoff, tables.segment_count));
  CS_TRY(sections, read_sections(file, header.e_shoff, tables.section_count, tables.name_section));
  return {};
}

/// Where in the file that lies which the loader puts at [address, address+size).
std::optional<std::uint64_t> offset_of(const std::vector<Segment>& segments,
                                       std::uint64_t file_size, std::uint64_t address,
                                       std::uint64_t size) {
  for (const Segment& segment : segments) {
    if (segment.type != PT_LOAD || address < segment.address) continue;
    const std::uint64_t skip = address - segment.address;
    if (skip > segment.file_size || segment.file_size - skip < size) continue;
    if (segment.offset > file_size || skip > file_size) return std::nullopt;
    return segment.offset + skip;
  }
  return std::nullopt;
}

std::unexpected<Error> open_failed(const std::string& path, int error) {
  ErrorCode code = ErrorCode::io;
  if (error == EACCES || error == EPERM) code = ErrorCode::denied;
  // A path under /proc goes with its process.
  if ((error == ENOENT || error == ESRCH) && path.starts_with("/proc/")) code = ErrorCode::gone;
  return fail(code, "cannot open " + path, std::generic_category().message(error));
}

}  // namespace

Result<Elf> Elf::open(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return open_failed(path, errno);
  struct stat status = {};
  if (fstat(fd.get(), &status) != 0) return open_failed(path, errno);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::io, path + " is not a regular file");

  auto image = std::make_unique<Image>(std::move(fd), static_cast<std::uint64_t>(status.st_size));
  if (auto read = read_headers(image->file, image->machine, image->type, image->entry,
                               image->sections, image->segments);
      !read) {
    read.error().what = "cannot read " + path;
    return std::unexpected(std::move(read).error());
  }
  return Elf(std::move(image));
}

Result<Elf> Elf::parse(Bytes bytes) {
  auto image = std::make_unique<Image>(bytes);
  CS_CHECK(read_headers(image->file, image->machine, image->type, image->entry, image->sections,
                        image->segments));
  return Elf(std::move(image));
}

Elf::Elf(std::unique_ptr<Image> image) : image_(std::move(image)) {}
Elf::Elf(Elf&&) noexcept = default;
Elf& Elf::operator=(Elf&&) noexcept = default;
Elf::~Elf() = default;

std::uint16_t Elf::machine() const {
  return image_->machine;
}
std::uint16_t Elf::type() const {
  return image_->type;
}
std::uint64_t Elf::entry() const {
  return image_->entry;
}
const std::vector<Section>& Elf::sections() const {
  return image_->sections;
}
const std::vector<Segment>& Elf::segments() const {
  return image_->segments;
}
std::uint64_t Elf::size() const {
  return image_->file.size();
}
int Elf::fd() const {
  return image_->file.fd();
}
Bytes Elf::memory() const {
  return image_->file.memory();
}

const Section* Elf::find_section(std::string_view name) const {
  for (const Section& section : image_->sections)
    if (section.name == name) return &section;
  return nullptr;
}

Bytes Elf::contents(const Section& section) const {
  if (section.type == SHT_NOBITS || section.type == SHT_NULL) return {};
  return image_->file.read(section.offset, section.size).value_or(Bytes());
}

Bytes Elf::contents(const Segment& segment) const {
  return image_->file.read(segment.offset, segment.file_size).value_or(Bytes());
}

std::optional<Bytes> Elf::at_address(std::uint64_t address, std::uint64_t size) const {
  const auto offset = offset_of(image_->segments, image_->file.size(), address, size);
  return offset ? image_->file.read(*offset, size) : std::nullopt;
}

bool Elf::copy_at_address(std::uint64_t address, std::span<std::byte> into) const {
  const auto offset = offset_of(image_->segments, image_->file.size(), address, into.size());
  return offset && image_->file.copy(*offset, into);
}

}  // namespace chanspect::binary
