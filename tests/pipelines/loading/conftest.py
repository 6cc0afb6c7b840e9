"""What holds for every test of this folder."""

from tests.pipelines.shopify.conftest import own_folder as own_folder
