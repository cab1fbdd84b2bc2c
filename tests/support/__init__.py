"""What every suite shares: servers, a client of the product, a tenant builder, waiting."""
