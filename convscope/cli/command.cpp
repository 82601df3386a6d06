namespace convscope {}
