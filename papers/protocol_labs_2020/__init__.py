"""Protocol Labs (2020): Filecoin's simple and baseline minting, and effective network time."""
