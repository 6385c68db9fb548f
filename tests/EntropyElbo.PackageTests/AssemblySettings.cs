[assembly: DoNotParallelize] // Every test builds in the one repository.
